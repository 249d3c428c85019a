// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ImpresarioClient
import ImpresarioModel

struct ClusterExtend: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "extend", abstract: "Give a cluster a new lease that begins now.",
        discussion: "Without --lease it is the project's default; where there is none, the cluster lives until it is deleted.")

    @Argument(help: "Its name.")
    var name: String

    @OptionGroup var lease: LeaseOptions
    @OptionGroup var scope: ScopeOptions
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await connection.connect(tenant: scope.tenant, project: scope.project) { session in
            let cluster = try await session.client.extendLease(ofCluster: name, in: try await session.scope(), lease.request)
            Surroundings.current.note("cluster \(name) may live \(cluster.lease.map { "until \($0.expiresAt.short)" } ?? "without end")")
            try output.show(cluster, table: Table([cluster]))
        }
    }
}
