// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ImpresarioClient

struct ClusterList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the clusters of a project.")

    @OptionGroup var scope: ScopeOptions
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await connection.connect(tenant: scope.tenant, project: scope.project) { session in
            let items = try await session.client.clusters(in: try await session.scope()).all()
            try output.show(items, table: Table(items))
        }
    }
}
