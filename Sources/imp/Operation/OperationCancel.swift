// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ImpresarioClient
import ImpresarioModel

struct OperationCancel: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel", abstract: "Call off what is being done to a cluster.",
        discussion: """
            What was done so far is taken back: a creation is deleted, a resize or upgrade goes back as far as it can, a cluster that was to sleep \
            works on, one that was waking sleeps again. --keep leaves it as it is, to be looked at, gone on with by imp operation retry, or deleted.
            """)

    @Argument(help: "Its id.")
    var operation: String

    @Flag(help: "Leave the cluster as it is.")
    var keep = false

    @OptionGroup var waiting: WaitOptions
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await connection.connect { session in
            let answer = try await session.client.cancelOperation(ID(operation), then: keep ? .keep : .undo)
            guard answer.operation.state == .running else {
                Surroundings.current.note("cancelled; the cluster \(answer.cluster.name) is \(answer.cluster.phase.rawValue)")
                return try output.show(answer.operation, text: answer.operation.text)
            }
            guard waiting.isWanted else {
                Surroundings.current.note(
                    "cancelled; taking back by \(answer.operation.kind.rawValue): imp operation watch \(answer.operation.id)")
                return try output.show(answer.operation, text: "")
            }
            let ended = try await Waiting.follow(answer.operation.id, client: session.client, timeout: waiting.timeout)
            Surroundings.current.note("cancelled; what was done to \(answer.cluster.name) is taken back")
            try output.show(ended, text: "")
        }
    }
}
