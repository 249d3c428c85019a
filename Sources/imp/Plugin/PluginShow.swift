// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ImpresarioClient
import ImpresarioModel

struct PluginShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show a plugin's versions, what each may do, and which clusters it manages.")

    @Argument(help: "Its id, as in imp plugin list.")
    var plugin: String

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await connection.connect { session in
            let detail = try await session.client.plugin(plugin)
            try output.show(detail, text: detail.text)
        }
    }
}
