// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ImpresarioClient

struct FlavorList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List flavors.")

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await connection.connect { session in
            let items = try await session.client.flavors().all()
            try output.show(items, table: Table(items))
        }
    }
}
