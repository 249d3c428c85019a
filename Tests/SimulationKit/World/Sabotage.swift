// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioBroker
import ImpresarioModel
import ImpresarioStore

/// Faults put into the broker on purpose, mostly from outside it: a simulation that does not find them proves nothing.
public struct Sabotage: OptionSet, Sendable {
    public let rawValue: Int
    public init(rawValue: Int) { self.rawValue = rawValue }

    /// A step is begun without the commit that says so.
    public static let intentNotRecorded = Sabotage(rawValue: 1)
    /// Commands of an earlier attempt are not killed before the next.
    public static let attemptNotFenced = Sabotage(rawValue: 2)
    /// Two admissions may be decided on the same snapshot.
    public static let placementTwice = Sabotage(rawValue: 4)
    /// Operations do not wait for who writes to the cluster.
    public static let lockNotTaken = Sabotage(rawValue: 8)
    /// Two nodes of each tenant and project are not counted.
    public static let useCountedWrong = Sabotage(rawValue: 16)
    /// What was left on a host that does not answer is not on record.
    public static let tombstoneForgotten = Sabotage(rawValue: 32)

    /// With the scenario that meets it soonest; nil: random histories.
    public static let all: [(name: String, sabotage: Sabotage, scenario: String?)] = [
        ("intent-not-recorded", .intentNotRecorded, "create"), ("attempt-not-fenced", .attemptNotFenced, "some at once"),
        ("placement-twice", .placementTwice, nil), ("lock-not-taken", .lockNotTaken, "delete in the middle"),
        ("use-counted-wrong", .useCountedWrong, nil),
    ]

    enum Verdict { case keep, drop }

    func prepare(_ parts: inout Broker.Parts) {
        if contains(.lockNotTaken) { parts.planted.insert(.lockNotTaken) }
    }

    func alters(_ transaction: inout Transaction, _ watch: Watch) -> Verdict {
        if isEmpty { return .keep }
        if contains(.placementTwice) { transaction.preconditions.removeAll { $0.key == "admission" } }
        if contains(.tombstoneForgotten) { transaction.writes.removeAll { $0.key.hasPrefix("tombstones/") } }
        if contains(.intentNotRecorded), transaction.writes.count == 1, case .put(let key, let bytes) = transaction.writes[0],
            key.hasPrefix("operations/"), let step = OperationRow(bytes)?.step, step.state == "running", step.progress == 0,
            step.attempts > watch.operations[key]?.step?.attempts ?? 0
        {
            return .drop
        }
        if contains(.useCountedWrong) { transaction.writes = transaction.writes.map(Self.countingTwoLess) }
        return .keep
    }

    /// A count that is too low by two is a limit that is too high by two.
    private static func countingTwoLess(_ write: Write) -> Write {
        guard case .put(let key, let bytes) = write, key.hasPrefix("tenants/") || key.hasPrefix("projects/"),
            let limit = amounts(bytes, member: "limits")["node"]
        else { return write }
        let text = String(decoding: bytes, as: UTF8.self)
        return .put(key, Data(text.replacing("\"node\":\"\(limit)\"", with: "\"node\":\"\(limit + 2)\"").utf8))
    }
}
