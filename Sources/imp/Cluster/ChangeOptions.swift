// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import ImpresarioClient
import ImpresarioModel

/// What the commands have in common that change a cluster's parameters; flags beside them are read by the type's update schema.
struct ChangeOptions: ParsableArguments {
    @Option(
        name: .customLong("set"),
        help: ArgumentHelp("A parameter; repeatable, dots lead into objects, null goes back to the default.", valueName: "key=value"))
    var assignments: [String] = []

    @Option(
        name: .shortAndLong, help: ArgumentHelp("A YAML or JSON file of parameters; repeatable; - reads standard input.", valueName: "path")
    )
    var file: [String] = []

    @Flag(help: "Only say which nodes would come and go and what it would count at each level; change nothing.")
    var dryRun = false

    static let ownFlags = [
        "set", "file", "dry-run", "wait", "timeout", "tenant", "project", "context", "server", "token-file", "ca", "output", "help",
    ]

    /// Everything on the command line but the name, as a document of parameters.
    func parameters(_ words: [String], flags: [Parameter]) throws(Problem) -> JSONValue {
        let arguments = try ParameterArguments.read(words, parameters: flags, own: Self.ownFlags, read: ParameterSource.read)
        guard arguments.positionals.isEmpty else {
            throw Problem(.invalidUsage, "One name is expected; '\(arguments.positionals[0])' is another word.", remedy: "See --help.")
        }
        var document = ParameterDocument()
        for path in file { try document.merge(try ParameterSource.document(path), source: path) }
        for text in assignments { try document.assign(text, parameters: flags, read: ParameterSource.read) }
        for setting in arguments.settings { document.set(setting.path, setting.value) }
        return document.value
    }
}

/// The course of such a command.
struct ChangeRun {
    /// Such as `resizing`.
    var doing: String
    var change: ChangeOptions
    var waiting: WaitOptions
    var output: OutputOptions
    /// Asking for nothing is asking for what the plugin plans now.
    var allowsNothing: Bool

    /// - Parameters:
    ///   - words: the cluster's name, then flags.
    ///   - help: of the command, without the flags of the type. Asked for without a cluster, it is all there is to tell.
    func run(_ words: [String], help: String, _ scope: ScopeOptions, _ connection: ConnectionOptions) async throws {
        let wantsHelp = words.contains("--help") || words.contains("-h")
        if wantsHelp, words.first?.hasPrefix("-") != false { return Surroundings.current.out(help + "\n") }
        try await connection.connect(tenant: scope.tenant, project: scope.project) { session in
            try await run(words, wantsHelp: wantsHelp, help: help, session)
        }
    }

    private func run(_ words: [String], wantsHelp: Bool, help: String, _ session: Session) async throws {
        let words = words.filter { !["--help", "-h"].contains($0) }
        guard let name = words.first, !name.hasPrefix("-") else {
            throw Problem(.invalidUsage, "The cluster's name is expected first.", remedy: "See --help.")
        }
        let scope = try await session.scope()
        let cluster = try await session.client.cluster(name, in: scope)
        let schema = try await session.client.type(cluster.type).type.updateSchema
        var flags = schema.map(SchemaParameters.read) ?? []
        // What is left out stays as it is: neither is anything required, nor does a default come in.
        for index in flags.indices { (flags[index].isRequired, flags[index].defaultValue) = (false, nil) }
        if wantsHelp {
            return Surroundings.current.out("\(help)\n\nWHAT CAN BE CHANGED OF \(cluster.type):\n\(ParameterHelp.render(flags))")
        }
        let request = ClusterChange(parameters: try change.parameters(Array(words.dropFirst()), flags: flags))
        guard allowsNothing || request.parameters?.object?.isEmpty == false else {
            throw Problem(
                .invalidUsage, "Nothing is named that is to change.", remedy: "See imp cluster resize \(name) --help for what can be.")
        }
        do {
            try await send(request, name, scope, session)
        } catch let problem as Problem where problem.field?.hasPrefix("/parameters") == true || problem.errors != nil {
            Surroundings.current.err(ProblemText.render(problem, flags: ClusterCreate.places(flags)))
            throw ExitCode(ExitStatus(problem).rawValue)
        }
    }

    private func send(_ request: ClusterChange, _ name: String, _ scope: Scope, _ session: Session) async throws {
        if change.dryRun {
            let result = try await session.client.dryRunChange(name, request, in: scope)
            let moving = result.cluster.nodes.filter { $0.state == .planned || $0.state == .leaving }
            let nodes = moving.isEmpty ? "no node comes or goes\n" : Table(moving).render()
            let more = result.quota.contains { !$0.asked.isEmpty } ? Table(result).render() : "nothing more is counted\n"
            return try output.show(result, text: nodes + "\n" + more)
        }
        let changed = try await session.client.changeCluster(name, request, in: scope)
        guard let operation = changed.operation else {
            Surroundings.current.note("cluster \(name) is as wanted")
            return try output.show(changed.cluster, table: Table([changed.cluster]))
        }
        try await waiting.show(Accepted(operation: operation, cluster: changed.cluster), as: doing, in: scope, session, output)
    }
}
