// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ImpresarioClient

struct TypeList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List cluster types.")

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await connection.connect { session in
            let items = try await session.client.types().all()
            try output.show(items, table: Table(items))
        }
    }
}
