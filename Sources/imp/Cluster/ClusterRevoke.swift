// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ImpresarioClient
import ImpresarioModel

struct ClusterRevoke: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke", abstract: "Revoke credentials; who uses them is refused from then on.")

    @Argument(help: "Its name.")
    var name: String

    @Argument(help: "The binding, as in imp cluster bindings.")
    var binding: String

    @Flag(name: .shortAndLong, help: "Do not ask.")
    var yes = false

    @OptionGroup var scope: ScopeOptions
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await connection.connect(tenant: scope.tenant, project: scope.project) { session in
            try Surroundings.current.confirm("Revoke the credentials \(binding) of \(name)?", yes: yes)
            let revoked = try await session.client.revoke(ID(binding), ofCluster: name, in: try await session.scope())
            try output.show(revoked, table: Table([revoked]))
        }
    }
}
