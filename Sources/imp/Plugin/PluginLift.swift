// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ImpresarioClient
import ImpresarioModel

struct PluginLift: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lift", abstract: "Take a version out of quarantine, back to the state before it.")

    @OptionGroup var which: PluginVersionOptions
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await connection.connect { session in
            let plugin = try await asking { () async throws(Problem) in
                try await session.client.liftPlugin(which.plugin, PluginVersion(version: which.version))
            }
            try output.show(plugin, table: Table([plugin]))
        }
    }
}
