// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import ImpresarioClient
import ImpresarioModel

/// `create` reads its own flags here; every other word is read by the type's schema once the broker has told it.
struct ClusterCreate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Create a cluster.",
        usage: "imp cluster create <name> --type <type> [--<parameter> <value> ...] [<options>]",
        discussion: """
            The parameters of the type are flags: see --type TYPE --help, or imp type show TYPE. They can also be given by --set and --file; \
            flags win over --set, and --set over files.

            Example: imp cluster create web --type TYPE --wait
            """,
        helpNames: [])

    @Option(help: ArgumentHelp("The kind of cluster: see imp type list.", valueName: "type"))
    var type: String?

    @Option(name: .customLong("set"), help: ArgumentHelp("A parameter; repeatable, dots lead into objects.", valueName: "key=value"))
    var assignments: [String] = []

    @Option(
        name: .shortAndLong, help: ArgumentHelp("A YAML or JSON file of parameters; repeatable; - reads standard input.", valueName: "path")
    )
    var file: [String] = []

    @Option(name: .customLong("label"), help: ArgumentHelp("A label; repeatable.", valueName: "key=value"))
    var labels: [String] = []

    @Option(help: ArgumentHelp("What becomes of it when its creation fails. (default: keep)", valueName: "keep|delete"))
    var onFailure: ImpresarioModel.Operation.Aftermath?

    @OptionGroup var lease: LeaseOptions

    @Flag(help: "Wait in line when there is no room now, instead of being refused.")
    var queue = false

    @Flag(help: "Only say where it would stand, what it would count at each level and what it would cost; create nothing.")
    var dryRun = false

    @OptionGroup var waiting: WaitOptions
    @OptionGroup var scope: ScopeOptions
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    @Argument(parsing: .allUnrecognized, help: ArgumentHelp("The cluster's name, a DNS label, and the parameters.", visibility: .hidden))
    var words: [String] = []

    func run() async throws {
        let wantsHelp = words.contains("--help") || words.contains("-h")
        guard let type else {
            if wantsHelp { return Surroundings.current.out(Imp.helpMessage(for: Self.self) + "\n") }
            throw Problem(
                .invalidUsage, "No type is chosen.", field: "--type", remedy: "Say --type TYPE; imp type list shows what there is.")
        }
        try await connection.connect(tenant: scope.tenant, project: scope.project) { session in
            let parameters = SchemaParameters.read(try await session.client.type(type).type.createSchema)
            if wantsHelp {
                let own = Imp.helpMessage(for: Self.self)
                return Surroundings.current.out("\(own)\n\nPARAMETERS OF \(type):\n\(ParameterHelp.render(parameters))")
            }
            let cluster = try request(type: type, parameters: parameters)
            do {
                try await create(cluster, session)
            } catch let problem as Problem where problem.field?.hasPrefix("/parameters") == true || problem.errors != nil {
                Surroundings.current.err(ProblemText.render(problem, flags: Self.places(parameters)))
                throw ExitCode(ExitStatus(problem).rawValue)
            }
        }
    }

    /// The body of the request, out of everything on the command line.
    func request(type: String, parameters: [Parameter]) throws(Problem) -> NewCluster {
        let arguments = try ParameterArguments.read(
            words, parameters: parameters, own: Self.ownFlags, read: ParameterSource.read)
        guard let name = arguments.positionals.first, arguments.positionals.count == 1 else {
            let given = arguments.positionals.map { "'\($0)'" }.joined(separator: " ")
            throw Problem(
                .invalidUsage, arguments.positionals.isEmpty ? "The cluster has no name." : "One name is expected, not \(given).",
                remedy: "Write it like imp cluster create web --type \(type).")
        }
        var document = ParameterDocument()
        for path in file { try document.merge(try ParameterSource.document(path), source: path) }
        for text in assignments { try document.assign(text, parameters: parameters, read: ParameterSource.read) }
        for setting in arguments.settings { document.set(setting.path, setting.value) }
        return NewCluster(
            name: name, type: type, parameters: document.value,
            labels: labels.isEmpty ? nil : try Pairs.read(labels, flag: "--label"), onFailure: onFailure,
            lease: lease.lease, leaseEnding: lease.leaseEnding, queue: queue ? true : nil)
    }

    private func create(_ cluster: NewCluster, _ session: Session) async throws {
        let scope = try await session.scope()
        if dryRun {
            let result = try await session.client.dryRunCluster(cluster, in: scope)
            return try output.show(result, text: result.text)
        }
        let accepted = try await session.client.createCluster(cluster, in: scope)
        if let place = accepted.cluster.queue {
            Surroundings.current.note("\(cluster.name) waits in line at position \(place.position): \(place.reason)")
        }
        try await waiting.show(accepted, as: "creating", in: scope, session, output)
    }

    static let ownFlags = [
        "type", "set", "file", "label", "on-failure", "lease", "lease-ending", "queue", "dry-run", "wait", "timeout", "tenant", "project",
        "context",
        "server", "token-file",
        "ca",
        "output",
        "help",
    ]

    /// What was a flag here is a JSON pointer in the broker's answer.
    static func places(_ parameters: [Parameter]) -> [String: String] {
        Dictionary(
            parameters.map { ("/parameters/" + $0.path.joined(separator: "/"), "--\($0.flag)") }, uniquingKeysWith: { first, _ in first })
    }
}
