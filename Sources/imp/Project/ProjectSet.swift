// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ImpresarioClient
import ImpresarioModel

struct ProjectSet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set", abstract: "Say what leases a project allows.",
        discussion:
            "What is not named is not so any more. Clusters keep the leases that they have. Limits are set by imp quota set --project NAME."
    )

    @Argument(help: "Its name.")
    var name: String

    @Option(help: ArgumentHelp("For clusters that ask for none, such as 8h.", valueName: "duration"))
    var leaseDefault: TimeToLive?

    @Option(help: ArgumentHelp("The longest that may be asked for at once, such as 7d.", valueName: "duration"))
    var leaseMaximum: TimeToLive?

    @Option(help: ArgumentHelp("What becomes of clusters that do not say. (default: delete)", valueName: "hibernate|delete"))
    var leaseEnding: Lease.Ending?

    @Flag(help: "Clusters live until somebody deletes them.")
    var noLeases = false

    @Option(help: ArgumentHelp("The tenant.", valueName: "name"))
    var tenant: String?

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard noLeases != (leaseDefault != nil || leaseMaximum != nil) else {
            throw ValidationError("Say --lease-default or --lease-maximum, or --no-leases.")
        }
    }

    func run() async throws {
        try await connection.connect(tenant: tenant) { session in
            let project = try await session.client.setLeases(
                LeasePolicyUpdate(default: leaseDefault, maximum: leaseMaximum, ending: leaseEnding),
                ofProject: Scope(tenant: try await session.tenant(), project: name))
            try output.show(project, fields: Fields(project))
        }
    }
}
