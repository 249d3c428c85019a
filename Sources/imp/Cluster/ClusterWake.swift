// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ImpresarioClient
import ImpresarioModel

struct ClusterWake: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wake", abstract: "Start a hibernated cluster.",
        discussion: "It needs quota for its cpu and memory again, and room on the hosts that have its disks.")

    @Argument(help: "Its name.")
    var name: String

    @OptionGroup var lease: LeaseOptions
    @OptionGroup var waiting: WaitOptions
    @OptionGroup var scope: ScopeOptions
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await connection.connect(tenant: scope.tenant, project: scope.project) { session in
            let scope = try await session.scope()
            let accepted = try await session.client.wakeCluster(name, in: scope, lease: lease.request)
            try await waiting.show(accepted, as: "waking", in: scope, session, output)
        }
    }
}
