// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ImpresarioClient

struct ZoneList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List zones.")

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await connection.connect { session in
            let items = try await session.client.zones().all()
            try output.show(items, table: Table(items))
        }
    }
}
