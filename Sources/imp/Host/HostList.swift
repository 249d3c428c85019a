// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ImpresarioClient

struct HostList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List hosts with what they have and what may be promised of it.")

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await connection.connect { session in
            let items = try await session.client.hosts().all()
            try output.show(items, table: Table(items))
        }
    }
}
