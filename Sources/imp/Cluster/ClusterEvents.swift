// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ImpresarioClient

struct ClusterEvents: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "events", abstract: "List what happened to a cluster, oldest first.")

    @Argument(help: "Its name.")
    var name: String

    @OptionGroup var scope: ScopeOptions
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await connection.connect(tenant: scope.tenant, project: scope.project) { session in
            let items = try await session.client.events(ofCluster: name, in: try await session.scope()).all()
            try output.show(items, table: Table(items))
        }
    }
}
