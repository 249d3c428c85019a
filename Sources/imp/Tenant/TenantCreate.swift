// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ImpresarioClient
import ImpresarioModel

struct TenantCreate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "create", abstract: "Create a tenant.")

    @Argument(help: "A DNS label.")
    var name: String

    @Option(
        name: .customLong("limit"),
        help: ArgumentHelp(
            "A limit such as cpu=4, memory=8Gi or cluster=2; repeatable. Keys that are not named are not limited.", valueName: "key=amount")
    )
    var limits: [String] = []

    @Option(name: .customLong("zone"), help: ArgumentHelp("A zone it may use; repeatable. All, if none is named.", valueName: "name"))
    var zones: [String] = []

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let tenant = NewTenant(name: name, limits: try Limits.read(limits), zones: zones.isEmpty ? nil : zones)
        try await connection.connect { session in
            let made = try await session.client.createTenant(tenant)
            try output.show(made, fields: Fields(made))
        }
    }
}
