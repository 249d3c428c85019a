// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ImpresarioClient

struct TokenDelete: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "delete", abstract: "Delete a token; whoever holds it is refused at once.")

    @Argument(help: "Its name.")
    var name: String

    @Flag(name: .shortAndLong, help: "Do not ask.")
    var yes = false

    @Option(help: ArgumentHelp("Whose token it is; an admin's own tokens are of none.", valueName: "name"))
    var tenant: String?

    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        try await connection.connect { session in
            try Surroundings.current.confirm("Delete the token \(name)?", yes: yes)
            try await session.client.deleteToken(name, ofTenant: tenant)
            Surroundings.current.note("token \(name) is deleted")
        }
    }
}
