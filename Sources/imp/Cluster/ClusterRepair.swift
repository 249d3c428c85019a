// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ImpresarioClient
import ImpresarioModel

struct ClusterRepair: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "repair", abstract: "Put new nodes in the place of lost ones.",
        discussion: """
            The broker does so by itself for nodes that it knows to be lost. With --node one that is broken in another way is replaced too: \
            all that is on it is gone.
            """)

    @Argument(help: "Its name.")
    var name: String

    @Option(help: ArgumentHelp("Name or id of a node that is replaced whether it is lost or not.", valueName: "node"))
    var node: String?

    @Flag(name: .shortAndLong, help: "Do not ask.")
    var yes = false

    @OptionGroup var waiting: WaitOptions
    @OptionGroup var scope: ScopeOptions
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await connection.connect(tenant: scope.tenant, project: scope.project) { session in
            let scope = try await session.scope()
            if let node {
                try Surroundings.current.confirm("Replace the node \(node) of the cluster \(name), with all data on it?", yes: yes)
            }
            let accepted = try await session.client.repairCluster(name, node: node, in: scope)
            try await waiting.show(accepted, as: "repairing", in: scope, session, output)
        }
    }
}
