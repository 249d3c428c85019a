// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ImpresarioClient
import ImpresarioModel

struct ClusterLabel: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "label", abstract: "Put labels on a cluster, or take them away.",
        discussion: "Labels are for their owner's own use. Example: imp cluster label web team=blue tmp-")

    @Argument(help: "Its name.")
    var name: String

    @Argument(help: ArgumentHelp("A label to put on, or key- to take it away.", valueName: "key=value|key-"))
    var labels: [String]

    @OptionGroup var scope: ScopeOptions
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let labels = try Self.changes(labels)
        try await connection.connect(tenant: scope.tenant, project: scope.project) { session in
            let changed = try await session.client.changeCluster(name, ClusterChange(labels: labels), in: try await session.scope())
            let text = changed.cluster.labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)\n" }.joined()
            try output.show(changed.cluster, text: text)
        }
    }

    static func changes(_ words: [String]) throws(Problem) -> [String: String?] {
        let removed = words.filter { $0.hasSuffix("-") && !$0.contains("=") }.map { String($0.dropLast()) }
        var changes: [String: String?] = try Pairs.read(words.filter { $0.contains("=") || !$0.hasSuffix("-") }, flag: "label")
        for key in removed {
            guard !key.isEmpty, changes.updateValue(nil, forKey: key) == nil else {
                throw Problem(.invalidUsage, "'\(key)-' is no label, or one that is given twice.", field: "label")
            }
        }
        return changes
    }
}
