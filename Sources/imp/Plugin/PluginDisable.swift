// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ImpresarioClient
import ImpresarioModel

struct PluginDisable: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "disable", abstract: "Offer a plugin's types no longer; its clusters stay managed.")

    @OptionGroup var which: PluginVersionOptions
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await connection.connect { session in
            let plugin = try await asking { () async throws(Problem) in
                try await session.client.disablePlugin(which.plugin, PluginVersion(version: which.version))
            }
            try output.show(plugin, table: Table([plugin]))
        }
    }
}
