// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ImpresarioClient

struct ProjectDelete: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "delete", abstract: "Delete a project that has no clusters.")

    @Argument(help: "Its name.")
    var name: String

    @Flag(name: .shortAndLong, help: "Do not ask.")
    var yes = false

    @Option(help: ArgumentHelp("The tenant.", valueName: "name"))
    var tenant: String?

    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        try await connection.connect(tenant: tenant) { session in
            let scope = Scope(tenant: try await session.tenant(), project: name)
            try Surroundings.current.confirm("Delete the project \(name) of \(scope.tenant)?", yes: yes)
            try await session.client.deleteProject(scope)
            Surroundings.current.note("project \(name) is deleted")
        }
    }
}
