// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel

/// What an operation does next, as a value: (operation, event, now) → operation.
///
///     queued ── there is room ──→ running; a queued one can be cancelled
///
///     running ── every step done ──────────────→ succeeded
///        │ ├── a step failed for good, or its
///        │ │   deadline passed ────────────────→ failed, of a move after `restore`
///        │ └── a person or another operation
///        │     stopped it ───────────────────→ cancelled
///        └←─ retried, from the step where it stopped ── failed, cancelled
///        │
///        step:  pending → running → done
///                  ↑─ retry ──┘ └→ failed
///
/// A deletion never fails: its steps are tried again, whatever the problem, each time with a new deadline when that is over.
/// A move that failed for good skips the steps that are left and gets one more, `restore`, which takes back what the others did.
///
/// Invariants: steps before the current one are done, or failed or skipped before a `restore`; at most one step is running; a running operation
/// has a current step; a final operation changes only by being retried; a step's `attempts` grows by one each time it is begun, whoever begins it.
enum OperationMachine {
    enum Event: Sendable, Hashable {
        /// The current step is begun, for the first time or again.
        case begin
        case progress(Int, phase: String)
        case succeed
        case fail(Problem)
        case cancel
        /// A new broker took over; the time in which none was there does not count.
        case resume
    }

    /// What is to be done with an operation.
    enum Action: Sendable, Hashable {
        case perform(step: String)
        case nothing
    }

    /// The steps of each kind that is built, in order.
    static func steps(of kind: Operation.Kind) -> [Step] {
        switch kind {
        case .create: ["provision", "bootstrap", "join", "health", "endpoints"].map { Step(name: $0) }
        case .delete: ["release", "nodes", "forget"].map { Step(name: $0) }
        case .resize: (["provision", "join", "configure"] + shrink + settle).map { Step(name: $0) }
        case .upgrade: (["prepare", "provision", "join", "roll", "finish", "configure"] + shrink + settle).map { Step(name: $0) }
        case .repair: ["fence", "provision", "leave", "join", "health", "endpoints"].map { Step(name: $0) }
        case .replace: ["provision", "join", "leave", "nodes", "health", "endpoints"].map { Step(name: $0) }
        case .move: ["snapshot", "pin", "migrate", "configure", "health"].map { Step(name: $0) }
        case .hibernate: [Step(name: "stop")]
        case .wake: ["start", "health", "endpoints"].map { Step(name: $0) }
        case .rollback: ["restore", "configure", "health"].map { Step(name: $0) }
        default: []
        }
    }

    private static let shrink = ["victims", "leave", "nodes"]
    private static let settle = ["health", "endpoints"]

    /// What takes a change back that was cancelled: the record goes back to what it was, and then nodes that are too many leave like any others.
    /// What left already does not come back. Nil for kinds that are taken back otherwise, or not at all.
    static func undo(of kind: Operation.Kind) -> [Step]? {
        switch kind {
        case .resize, .upgrade: (["revert"] + shrink + settle).map { Step(name: $0) }
        default: nil
        }
    }

    /// How long a step may take, retries included.
    static func limit(of step: String, in kind: Operation.Kind) -> Duration {
        switch step {
        // Whoever writes to the cluster meanwhile is waiting.
        case _ where kind.isUnnoticed: .seconds(120)
        case "provision": .seconds(900)
        case "leave": .seconds(1800)
        case "roll": .seconds(7200)
        case "release": .seconds(60)
        case "endpoints", "forget": .seconds(60)
        default: .seconds(600)
        }
    }

    /// How often a step is tried while its failures are such that may pass.
    static func attempts(of step: String, in kind: Operation.Kind) -> Int { kind.isUnnoticed && step != "restore" ? 5 : .max }

    static func currentIndex(of operation: Operation) -> Int? {
        operation.steps.firstIndex { $0.state == .pending || $0.state == .running }
    }

    static func action(for operation: Operation) -> Action {
        guard operation.state == .running, let index = currentIndex(of: operation) else { return .nothing }
        return .perform(step: operation.steps[index].name)
    }

    /// The operation after the event; unchanged when the event does not apply any more.
    static func apply(_ event: Event, to operation: Operation, now: Timestamp, limits: [String: Duration] = [:]) -> Operation {
        guard operation.state == .running || operation.state == .queued && event == .cancel, let index = currentIndex(of: operation)
        else { return operation }
        var operation = operation
        var step = operation.steps[index]
        let limit = limits[step.name] ?? limit(of: step.name, in: operation.kind)
        switch event {
        case .begin:
            step.state = .running
            step.attempts += 1
            step.startedAt = step.startedAt ?? now
            step.deadline = step.deadline ?? now + limit
        case .progress(let progress, let phase):
            step.progress = min(max(progress, 0), 10_000)
            step.phase = phase
        case .succeed:
            step.state = .done
            step.progress = 10_000
            step.finishedAt = now
            step.problem = nil
        case .fail(let problem):
            step.problem = problem
            let isLate = step.deadline.map { now >= $0 } ?? false
            if operation.kind == .delete {
                // It always ends: what cannot be done is left behind on record, and the rest is tried until it works.
                step.state = .pending
                if isLate { step.deadline = now + limit }
            } else if problem.isRetryable == true && !isLate && step.attempts < attempts(of: step.name, in: operation.kind) {
                step.state = .pending
            } else {
                step.state = .failed
                step.finishedAt = now
                var outer = Problem(
                    .stepFailed, "The step '\(step.name)' failed: \(problem.message)", field: problem.field, detail: problem.detail,
                    owner: problem.owner, remedy: problem.remedy, cause: problem)
                outer.isRetryable = problem.isRetryable
                if step.name == "restore", let first = operation.problem { outer.cause = [problem, first] }
                operation.problem = outer
                if operation.kind == .move && step.name != "restore" {
                    for later in operation.steps.indices where later > index { operation.steps[later].state = .skipped }
                    operation.steps.append(Step(name: "restore"))
                } else {
                    operation.state = .failed
                    operation.finishedAt = now
                }
            }
        case .cancel:
            if step.state == .running { step.state = .skipped }
            operation.state = .cancelled
            operation.finishedAt = now
        case .resume:
            if step.deadline != nil { step.deadline = now + limit }
        }
        operation.steps[index] = step
        if case .succeed = event, currentIndex(of: operation) == nil {
            operation.state = operation.problem == nil ? .succeeded : .failed
            operation.finishedAt = now
        }
        return operation
    }

    /// A failed or cancelled operation as it goes on: the step where it stopped is begun again, with its whole time. Its `attempts` stay, so that
    /// what the earlier ones left running is told apart.
    static func retried(_ operation: Operation) -> Operation {
        var operation = operation
        operation.state = .running
        operation.problem = nil
        operation.finishedAt = nil
        for index in operation.steps.indices where operation.steps[index].state == .failed || operation.steps[index].state == .skipped {
            operation.steps[index].state = .pending
            operation.steps[index].deadline = nil
            operation.steps[index].finishedAt = nil
        }
        return operation
    }

    /// How long to wait before the next attempt: half a second doubling up to half a minute, plus up to as much again by chance.
    ///
    /// - Parameter chance: 0 to 1.
    static func backoff(afterAttempt attempt: Int, chance: Double) -> Duration {
        let base = min(30_000.0, 500.0 * Double(1 << min(max(attempt - 1, 0), 10)))
        return .milliseconds(Int64(base * (1 + chance)))
    }
}
