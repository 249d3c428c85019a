// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ImpresarioClient
import ImpresarioModel

struct TenantSet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set", abstract: "Change a tenant's zones, or whether it may overcommit.",
        discussion: "Limits are set by imp quota set --tenant NAME.")

    @Argument(help: "Its name.")
    var name: String

    @Option(name: .customLong("zone"), help: ArgumentHelp("A zone it may use; repeatable, replaces all.", valueName: "name"))
    var zones: [String] = []

    @Flag(help: "It may use every zone.")
    var allZones = false

    @Flag(
        inversion: .prefixedNo,
        help: "Whether its projects may together be promised more than its own limits; these hold in any case.")
    var overcommit: Bool?

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard zones.isEmpty || !allZones else { throw ValidationError("--zone and --all-zones exclude each other.") }
        guard !zones.isEmpty || allZones || overcommit != nil else {
            throw ValidationError("Nothing to change: say --zone, --all-zones, --overcommit or --no-overcommit.")
        }
    }

    func run() async throws {
        let update = TenantUpdate(zones: allZones ? ["*"] : zones.isEmpty ? nil : zones, allowsOvercommit: overcommit)
        try await connection.connect { session in
            let tenant = try await session.client.updateTenant(name, update)
            try output.show(tenant, fields: Fields(tenant))
        }
    }
}
