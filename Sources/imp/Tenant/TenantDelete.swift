// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ImpresarioClient

struct TenantDelete: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "delete", abstract: "Delete a tenant that has no projects.")

    @Argument(help: "Its name.")
    var name: String

    @Flag(name: .shortAndLong, help: "Do not ask.")
    var yes = false

    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        try await connection.connect { session in
            try Surroundings.current.confirm("Delete the tenant \(name)?", yes: yes)
            try await session.client.deleteTenant(name)
            Surroundings.current.note("tenant \(name) is deleted")
        }
    }
}
