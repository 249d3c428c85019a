// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ImpresarioClient

struct FlavorDelete: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "delete", abstract: "Delete a flavor; nodes that were made of it stay.")

    @Argument(help: "Its name.")
    var name: String

    @Flag(name: .shortAndLong, help: "Do not ask.")
    var yes = false

    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        try await connection.connect { session in
            try Surroundings.current.confirm("Delete the flavor \(name)?", yes: yes)
            try await session.client.deleteFlavor(name)
            Surroundings.current.note("flavor \(name) is deleted")
        }
    }
}
