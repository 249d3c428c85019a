// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ImpresarioClient
import ImpresarioModel

struct OperationRetry: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry", abstract: "Go on with a failed or cancelled operation, at the step where it stopped.")

    @Argument(help: "Its id.")
    var operation: String

    @OptionGroup var waiting: WaitOptions
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await connection.connect { session in
            let answer = try await session.client.retryOperation(ID(operation))
            guard waiting.isWanted else {
                Surroundings.current.note("it goes on: imp operation watch \(answer.operation.id)")
                return try output.show(answer.operation, text: "")
            }
            let ended = try await Waiting.follow(answer.operation.id, client: session.client, timeout: waiting.timeout)
            try output.show(ended, text: ended.text)
        }
    }
}
