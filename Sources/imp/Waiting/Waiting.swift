// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ImpresarioClient
import ImpresarioModel

/// The flags of commands that start an operation.
struct WaitOptions: ParsableArguments {
    @Flag(name: .shortAndLong, help: "Wait until the operation has ended, and show how far it is.")
    var wait = false

    @Option(help: ArgumentHelp("How long to wait at most, such as 90s or 10m; implies --wait.", valueName: "duration"))
    var timeout: TimeToLive?

    var isWanted: Bool { wait || timeout != nil }
}

extension WaitOptions {
    /// Follows an operation on a cluster when that is wanted, and shows the cluster as it is then.
    ///
    /// - Parameter participle: such as `waking`.
    func show(_ accepted: Accepted, as participle: String, in scope: Scope, _ session: Session, _ output: OutputOptions) async throws {
        var cluster = accepted.cluster
        if isWanted {
            _ = try await Waiting.follow(accepted.operation.id, client: session.client, timeout: timeout)
            cluster = try await session.client.cluster(cluster.name, in: scope)
        } else {
            Surroundings.current.note("\(participle) \(cluster.name): imp operation watch \(accepted.operation.id)")
        }
        try output.show(cluster, table: Table([cluster]))
    }
}

enum Waiting {
    private enum End: Sendable {
        case finished(Operation)
        case interrupted
        case timedOut
    }

    /// Follows an operation to its end, on standard error.
    ///
    /// - Returns: the operation, which succeeded.
    /// - Throws: ``CommandFailure`` when it did not, when time ran out, or on Ctrl-C; the operation itself goes on in the last two.
    static func follow(_ id: ID<Operation>, client: Client, timeout: TimeToLive?) async throws -> Operation {
        // Before anything is shown: whoever sees the operation begin may press Ctrl-C at once.
        let before = Interrupts.trap()
        defer { Interrupts.untrap() }
        let end = try await withThrowingTaskGroup(of: End?.self) { group in
            group.addTask {
                var writer = ProgressWriter()
                defer { writer.finish() }
                var last: Operation?
                for try await operation in client.updates(of: id) {
                    writer.show(operation)
                    last = operation
                }
                return last.map(End.finished)
            }
            group.addTask {
                try await Interrupts.wait(since: before)
                return .interrupted
            }
            if let timeout {
                group.addTask {
                    try await Task.sleep(for: timeout.duration)
                    return .timedOut
                }
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
        switch end {
        case .finished(let operation) where operation.state == .succeeded: return operation
        case .finished(let operation): throw CommandFailure.operation(operation)
        case .timedOut: throw CommandFailure.timedOut(id)
        case .interrupted, nil: throw CommandFailure.interrupted(id)
        }
    }
}
