// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import ImpresarioClient
import ImpresarioModel

/// Calls an operation that the cluster's type declares; its parameters are flags, read once the broker has told them.
struct ClusterDo: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "do", abstract: "Do something that only this type of cluster can.",
        usage: "imp cluster do <name> <operation> [--<parameter> <value> ...] [<options>]",
        discussion: """
            imp type show TYPE lists a type's operations; imp cluster do NAME OPERATION --help shows the flags of one.
            Secrets in the answer are shown as ****** in a table: say --show-secrets, or choose json or yaml.
            """,
        helpNames: [])

    @Flag(name: .shortAndLong, help: "Do not ask.")
    var yes = false

    @Flag(help: "Show secrets in the table.")
    var showSecrets = false

    @OptionGroup var scope: ScopeOptions
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    @Argument(parsing: .allUnrecognized, help: ArgumentHelp("The cluster, the operation and its parameters.", visibility: .hidden))
    var words: [String] = []

    func run() async throws {
        let wantsHelp = words.contains("--help") || words.contains("-h")
        let words = words.filter { !["--help", "-h"].contains($0) }
        // The names come first: what follows can only be read once it is known which operation is meant.
        guard words.count >= 2, !words[0].hasPrefix("-"), !words[1].hasPrefix("-") else {
            if wantsHelp { return Surroundings.current.out(Imp.helpMessage(for: Self.self) + "\n") }
            throw Problem(
                .invalidUsage, "A cluster and an operation are expected first.",
                remedy: "Write it like imp cluster do NAME OPERATION --flag value.")
        }
        let (name, id) = (words[0], words[1])
        try await connection.connect(tenant: scope.tenant, project: scope.project) { session in
            let scope = try await session.scope()
            let cluster = try await session.client.cluster(name, in: scope)
            let operation = try Self.find(id, in: try await session.client.type(cluster.type).type)
            if wantsHelp {
                return Surroundings.current.out(
                    "\(operation.id): \(operation.about.joined(separator: "\n"))\n\nPARAMETERS:\n\(ParameterHelp.render(operation.flags))")
            }
            let arguments = try Self.arguments(Array(words.dropFirst(2)), of: operation)
            if operation.isDestructive {
                try Surroundings.current.confirm("\(operation.id) on \(name) cannot be undone. Go on?", yes: yes)
            }
            let result = try await session.client.perform(operation.id, arguments: arguments, onCluster: name, in: scope)
            try output.show(result, fields: Self.fields(result, of: operation, on: cluster.nodes, showSecrets: showSecrets))
        }
    }

    static func find(_ id: String, in type: ClusterType) throws(Problem) -> TypedOperation {
        if let operation = type.operations.first(where: { $0.id == id }) { return operation }
        let near = Nearest.find(id, among: type.operations.map(\.id))
        throw Problem(
            .invalidUsage, "Clusters of type \(type.id) have no operation '\(id)'.",
            remedy: near.map { "Did you mean \($0)?" } ?? "See imp type show \(type.id).")
    }

    static func arguments(_ words: [String], of operation: TypedOperation) throws(Problem) -> [String: JSONValue] {
        let read = try ParameterArguments.read(
            words, parameters: operation.flags, own: ["yes", "show-secrets", "output", "help"], read: ParameterSource.read)
        guard read.positionals.isEmpty else {
            throw Problem(.invalidUsage, "'\(read.positionals[0])' is no flag of \(operation.id).", remedy: "See --help.")
        }
        let given = Dictionary(read.settings.map { ($0.path[0], $0.value) }, uniquingKeysWith: { first, _ in first })
        if let missing = operation.flags.first(where: { $0.isRequired && given[$0.path[0]] == nil }) {
            throw Problem(.invalidUsage, "--\(missing.flag) is needed.", field: "--\(missing.flag)", remedy: "See --help.")
        }
        return given
    }

    /// Nodes by their names, as they are given on the command line.
    static func fields(_ result: JSONValue, of operation: TypedOperation, on nodes: [Node], showSecrets: Bool) -> Fields {
        Fields(
            operation.parameters.filter(\.isOut).map { parameter in
                guard let value = result[parameter.name] else { return (parameter.name, nil) }
                if parameter.isSecret, !showSecrets { return (parameter.name, "******") }
                if parameter.kind == .node, let node = nodes.first(where: { $0.id.rawValue == value.string }) {
                    return (parameter.name, node.name)
                }
                let text = value.string ?? (try? CanonicalJSON.encode(value)).map { String(decoding: $0, as: UTF8.self) }
                return (parameter.name, text)
            })
    }
}
