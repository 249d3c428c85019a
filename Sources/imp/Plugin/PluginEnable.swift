// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ImpresarioClient
import ImpresarioModel

struct PluginEnable: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "enable", abstract: "Offer a plugin's types to tenants.",
        discussion: """
            A version that puts packages on nodes needs them approved: by name (--approve) or as they stand in its manifest (--approve-all). \
            Where another version is enabled and has clusters, imp plugin upgrade compares first.
            """)

    @OptionGroup var which: PluginVersionOptions
    @OptionGroup var approval: ApprovalOptions
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await connection.connect { session in
            let client = session.client
            let wish = EnablePlugin(
                version: which.version,
                approve: try await approval.packages(of: which.plugin, version: which.version, client))
            let plugin = try await ApprovalOptions.explaining(
                "enable", which.plugin, version: which.version, flag: "--version", client
            ) { () async throws(Problem) in try await client.enablePlugin(which.plugin, wish) }
            try output.show(plugin, table: Table([plugin]))
        }
    }
}
