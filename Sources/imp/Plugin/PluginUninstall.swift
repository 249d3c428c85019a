// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ImpresarioClient
import ImpresarioModel

struct PluginUninstall: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "uninstall", abstract: "Remove a version; refused while clusters are pinned to it.")

    @OptionGroup var which: PluginVersionOptions

    @Flag(name: .shortAndLong, help: "Do not ask.")
    var yes = false

    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        try await connection.connect { session in
            let name = which.plugin + (which.version.map { " \($0)" } ?? "")
            try Surroundings.current.confirm("Remove \(name) from the broker?", yes: yes)
            let gone = try await asking { () async throws(Problem) in
                try await session.client.uninstallPlugin(which.plugin, PluginVersion(version: which.version))
            }
            Surroundings.current.note("\(gone.pin.id) \(gone.pin.version) is uninstalled")
        }
    }
}
