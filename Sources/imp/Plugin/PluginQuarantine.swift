// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ImpresarioClient
import ImpresarioModel

struct PluginQuarantine: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quarantine", abstract: "Call a version no more; its clusters run on and can be deleted.")

    @OptionGroup var which: PluginVersionOptions

    @Option(help: ArgumentHelp("Why, for the other admins.", valueName: "text"))
    var reason: String

    @Flag(name: .shortAndLong, help: "Do not ask.")
    var yes = false

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await connection.connect { session in
            let name = which.plugin + (which.version.map { " \($0)" } ?? "")
            try Surroundings.current.confirm("Put \(name) into quarantine? Work on its clusters stops until it is lifted.", yes: yes)
            let plugin = try await asking { () async throws(Problem) in
                try await session.client.quarantinePlugin(which.plugin, QuarantinePlugin(version: which.version, reason: reason))
            }
            try output.show(plugin, table: Table([plugin]))
            Surroundings.current.note("to take it back: imp plugin lift \(which.plugin) --version \(plugin.pin.version)")
        }
    }
}
