// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ImpresarioClient
import ImpresarioModel

struct OperationWatch: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "watch", abstract: "Wait for an operation's end and show how far it is.")

    @Argument(help: "Its id.")
    var operation: String

    @Option(help: ArgumentHelp("How long to wait at most, such as 10m.", valueName: "duration"))
    var timeout: TimeToLive?

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await connection.connect { session in
            let ended = try await Waiting.follow(ID(operation), client: session.client, timeout: timeout)
            try output.show(ended, text: ended.text)
        }
    }
}
