// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ImpresarioClient
import ImpresarioModel

struct OperationList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List operations, of one cluster if it is named.")

    @Option(help: ArgumentHelp("Only of this cluster.", valueName: "name"))
    var cluster: String?

    @OptionGroup var scope: ScopeOptions
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await connection.connect(tenant: scope.tenant, project: scope.project) { session in
            var id: ID<Cluster>?
            if let cluster { id = try await session.client.cluster(cluster, in: try await session.scope()).id }
            let items = try await session.client.operations(ofCluster: id).all()
            try output.show(items, table: Table(items))
        }
    }
}
