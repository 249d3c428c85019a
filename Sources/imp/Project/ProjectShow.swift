// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ImpresarioClient

struct ProjectShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Show a project.")

    @Argument(help: "Its name.")
    var name: String

    @Option(help: ArgumentHelp("The tenant.", valueName: "name"))
    var tenant: String?

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await connection.connect(tenant: tenant) { session in
            let project = try await session.client.project(Scope(tenant: try await session.tenant(), project: name))
            try output.show(project, fields: Fields(project))
        }
    }
}
