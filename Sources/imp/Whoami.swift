// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ImpresarioClient
import ImpresarioModel

struct Whoami: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "whoami", abstract: "Show who the broker takes you for.")

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await connection.connect { session in
            let identity = try await session.client.whoami()
            try output.show(
                identity,
                fields: Fields([
                    ("name", identity.name), ("role", identity.role.rawValue), ("tenant", identity.tenant),
                    ("project", identity.project), ("broker", "\(session.destination.server), version \(identity.version)"),
                ]))
        }
    }
}
