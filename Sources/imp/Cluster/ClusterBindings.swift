// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ImpresarioClient

struct ClusterBindings: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bindings", abstract: "List the credentials that were issued for a cluster.")

    @Argument(help: "Its name.")
    var name: String

    @OptionGroup var scope: ScopeOptions
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await connection.connect(tenant: scope.tenant, project: scope.project) { session in
            let items = try await session.client.bindings(ofCluster: name, in: try await session.scope()).all()
            try output.show(items, table: Table(items))
        }
    }
}
