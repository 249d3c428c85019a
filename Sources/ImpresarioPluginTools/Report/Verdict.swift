// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel

/// What a check says at its end.
enum Verdict: Sendable {
    case passed(String = "")
    case warning(String, remedy: String)
    case failed(String, remedy: String)
    case skipped(String)
}

/// Thrown to end a check early.
struct Finding: Error {
    var verdict: Verdict

    static func failed(_ message: String, remedy: String) -> Finding { Finding(verdict: .failed(message, remedy: remedy)) }
}

/// Runs checks one after the other and keeps what they said.
final class CheckList {
    private(set) var checks: [VerificationReport.Check] = []
    /// Of the checks to come.
    var type: String?
    private let groups: Set<String>?
    private let seed: UInt64
    private let progress: @Sendable (VerificationProgress) -> Void

    init(groups: Set<String>?, seed: UInt64, progress: @escaping @Sendable (VerificationProgress) -> Void) {
        self.groups = groups
        self.seed = seed
        self.progress = progress
    }

    /// Whether somebody wants to know.
    func wants(_ group: CheckGroup) -> Bool { groups?.contains(group.rawValue) ?? true }

    /// - Parameter isNeeded: others build upon it, so it runs although its group is not wanted.
    /// - Returns: whether the check did not fail; nil when it was not wanted.
    @discardableResult
    func check(_ group: CheckGroup, _ name: String, isNeeded: Bool = false, _ body: () async throws -> Verdict) async throws -> Bool? {
        guard isNeeded || wants(group) else { return nil }
        try Task.checkCancellation()
        progress(.began(group: group.rawValue, name: name))
        let start = ContinuousClock.now
        var verdict: Verdict
        do {
            verdict = try await body()
        } catch let finding as Finding {
            verdict = finding.verdict
        } catch {
            try Task.checkCancellation()
            let problem = Problem(wrapping: error)
            verdict =
                problem.owner == .plugin
                ? .failed(
                    problem.told, remedy: problem.remedy ?? "docs/abi/documents.md says what a verb gets and answers.")
                : .failed(
                    "It could not be checked: \(problem.message)\(problem.detail.map { " (\($0))" } ?? "")",
                    remedy: problem.remedy ?? "See to it that nodes can be made here, or choose --nodes simulated.")
        }
        try Task.checkCancellation()
        let milliseconds = Int((ContinuousClock.now - start) / .milliseconds(1))
        let entry = entry(group, name, verdict, milliseconds)
        checks.append(entry)
        progress(.ended(entry))
        return entry.result != .failed
    }

    private func entry(_ group: CheckGroup, _ name: String, _ verdict: Verdict, _ milliseconds: Int) -> VerificationReport.Check {
        let (result, message, remedy): (VerificationReport.Result, String, String?) =
            switch verdict {
            case .passed(let message): (.passed, message, nil)
            case .warning(let message, let remedy): (.warning, "\(message) (seed \(seed))", remedy)
            case .failed(let message, let remedy): (.failed, "\(message) (seed \(seed))", remedy)
            case .skipped(let message): (.skipped, message, nil)
            }
        return VerificationReport.Check(
            group: group.rawValue, name: name, type: type, result: result, milliseconds: milliseconds, message: message, remedy: remedy)
    }
}

/// The groups of checks, in their order.
public enum CheckGroup: String, CaseIterable, Sendable {
    case load, documents, determinism, classes, life, idempotence, crash, faults, cancellation, health, operations, memory, destroy
}

/// Told while a verification runs.
public enum VerificationProgress: Sendable {
    case began(group: String, name: String)
    case ended(VerificationReport.Check)
    case note(String)
}
