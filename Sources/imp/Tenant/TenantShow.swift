// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ImpresarioClient

struct TenantShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Show a tenant.")

    @Argument(help: "Its name.")
    var name: String

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await connection.connect { session in
            let tenant = try await session.client.tenant(name)
            try output.show(tenant, fields: Fields(tenant))
        }
    }
}
