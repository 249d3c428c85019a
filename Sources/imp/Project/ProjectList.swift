// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ImpresarioClient

struct ProjectList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the projects of a tenant.")

    @Option(help: ArgumentHelp("The tenant.", valueName: "name"))
    var tenant: String?

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await connection.connect(tenant: tenant) { session in
            let items = try await session.client.projects(ofTenant: try await session.tenant()).all()
            try output.show(items, table: Table(items))
        }
    }
}
