// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ImpresarioClient

struct ClusterShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Show a cluster.")

    @Argument(help: "Its name.")
    var name: String

    @OptionGroup var scope: ScopeOptions
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await connection.connect(tenant: scope.tenant, project: scope.project) { session in
            let cluster = try await session.client.cluster(name, in: try await session.scope())
            try output.show(cluster, text: cluster.text)
        }
    }
}
