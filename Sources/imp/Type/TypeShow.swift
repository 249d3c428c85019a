// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ImpresarioClient

struct TypeShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Show a type's parameters and operations.")

    @Argument(help: "Its id, as in imp type list.")
    var type: String

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await connection.connect { session in
            let view = try await session.client.type(type)
            try output.show(view, text: view.text)
        }
    }
}
