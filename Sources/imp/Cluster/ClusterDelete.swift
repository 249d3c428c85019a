// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ImpresarioClient
import ImpresarioModel

struct ClusterDelete: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete", abstract: "Delete a cluster with its nodes and all that is on them.")

    @Argument(help: "Its name.")
    var name: String

    @Flag(name: .shortAndLong, help: "Do not ask.")
    var yes = false

    @OptionGroup var waiting: WaitOptions
    @OptionGroup var scope: ScopeOptions
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await connection.connect(tenant: scope.tenant, project: scope.project) { session in
            let scope = try await session.scope()
            try Surroundings.current.confirm(
                "Delete the cluster \(name) of \(scope.tenant)/\(scope.project), its nodes and all data on them?", yes: yes)
            let accepted = try await session.client.deleteCluster(name, in: scope)
            guard waiting.isWanted else {
                Surroundings.current.note("deleting \(name): imp operation watch \(accepted.operation.id)")
                return try output.show(accepted.operation, text: "")
            }
            let ended = try await Waiting.follow(accepted.operation.id, client: session.client, timeout: waiting.timeout)
            Surroundings.current.note("cluster \(name) is deleted")
            try output.show(ended, text: "")
        }
    }
}
