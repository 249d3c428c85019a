// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ImpresarioClient
import ImpresarioModel

struct ClusterHibernate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hibernate", abstract: "Stop a cluster's nodes: cpu and memory are given back, disks and addresses stay.",
        discussion: "imp cluster wake starts it again, if there is quota and room then.")

    @Argument(help: "Its name.")
    var name: String

    @OptionGroup var waiting: WaitOptions
    @OptionGroup var scope: ScopeOptions
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await connection.connect(tenant: scope.tenant, project: scope.project) { session in
            let scope = try await session.scope()
            let accepted = try await session.client.hibernateCluster(name, in: scope)
            try await waiting.show(accepted, as: "hibernating", in: scope, session, output)
        }
    }
}
