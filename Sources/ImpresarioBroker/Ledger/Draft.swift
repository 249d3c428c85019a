// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import ImpresarioModel
import ImpresarioStore

/// A transaction in the making, in terms of records instead of keys and bytes.
struct Draft {
    private(set) var transaction = Transaction(writes: [])

    /// The record is new; its key must be free.
    mutating func insert(_ record: some Encodable, at key: String) throws(Problem) {
        transaction.preconditions.append(.absent(key))
        try put(record, at: key)
    }

    /// Replaces what the decision was made from, and nothing newer.
    mutating func replace<Value>(_ entry: Entry<Value>, with record: Value, at key: String) throws(Problem) where Value: Encodable {
        transaction.preconditions.append(.unchanged(key, since: entry.revision))
        try put(record, at: key)
    }

    mutating func remove<Value>(_ entry: Entry<Value>, at key: String) {
        transaction.preconditions.append(.unchanged(key, since: entry.revision))
        transaction.writes.append(.delete(key))
    }

    mutating func require(_ precondition: Precondition) { transaction.preconditions.append(precondition) }
    mutating func delete(_ key: String) { transaction.writes.append(.delete(key)) }

    mutating func put(_ record: some Encodable, at key: String) throws(Problem) {
        do {
            transaction.writes.append(.put(key, try CanonicalJSON.encode(record)))
        } catch {
            throw Problem(.internal, "A record could not be written as JSON.", detail: "\(key): \(error)")
        }
    }

    mutating func record(_ event: Event) throws(Problem) { try put(event, at: Keys.event(event)) }

    /// Orders this decision among all that rest on quota and placement.
    mutating func orderAdmission(after snapshot: Snapshot) {
        transaction.preconditions.append(snapshot.admission.map { .unchanged(Keys.admission, since: $0) } ?? .absent(Keys.admission))
        transaction.writes.append(.put(Keys.admission, Self.fence))
    }

    private static let fence = Data("{}".utf8)
}
