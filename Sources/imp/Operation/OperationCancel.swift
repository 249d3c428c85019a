// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ImpresarioClient
import ImpresarioModel

struct OperationCancel: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel", abstract: "Stop the creation of a cluster.",
        discussion: "What was made so far is deleted, unless --keep leaves it: failed, to be looked at, retried or deleted.")

    @Argument(help: "Its id.")
    var operation: String

    @Flag(help: "Leave the cluster as it is.")
    var keep = false

    @OptionGroup var waiting: WaitOptions
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await connection.connect { session in
            let answer = try await session.client.cancelOperation(ID(operation), then: keep ? .keep : .delete)
            guard answer.operation.kind == .delete, answer.operation.state == .running else {
                Surroundings.current.note("cancelled; the cluster \(answer.cluster.name) is \(answer.cluster.phase.rawValue)")
                return try output.show(answer.operation, text: answer.operation.text)
            }
            guard waiting.isWanted else {
                Surroundings.current.note("cancelled; deleting \(answer.cluster.name): imp operation watch \(answer.operation.id)")
                return try output.show(answer.operation, text: "")
            }
            let ended = try await Waiting.follow(answer.operation.id, client: session.client, timeout: waiting.timeout)
            Surroundings.current.note("cancelled; cluster \(answer.cluster.name) is deleted")
            try output.show(ended, text: "")
        }
    }
}
