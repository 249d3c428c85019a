// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ImpresarioClient
import ImpresarioModel

struct PluginDisable: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "disable", abstract: "Offer a plugin's types no longer; its clusters stay managed.")

    @Argument(help: "Its id, as in imp plugin list.")
    var plugin: String

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await connection.connect { session in
            let plugin = try await session.client.setPlugin(plugin, .disabled)
            try output.show(plugin, table: Table([plugin]))
        }
    }
}
