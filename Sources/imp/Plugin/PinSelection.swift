// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ImpresarioClient
import ImpresarioModel

/// The flags that say which clusters change their version, and how the change is followed.
struct PinSelection: ParsableArguments {
    @Option(help: ArgumentHelp("One cluster.", valueName: "name"))
    var cluster: String?

    @Flag(help: "All clusters of the plugin.")
    var all = false

    @Flag(name: .shortAndLong, help: "Do not ask.")
    var yes = false

    @OptionGroup var scope: ScopeOptions
    @OptionGroup var waiting: WaitOptions

    func validate() throws {
        guard !all || (cluster == nil && scope.project == nil && scope.tenant == nil) else {
            throw ValidationError("--all names every cluster; leave the other names away.")
        }
        guard all || cluster != nil || scope.project != nil else {
            throw ValidationError("Say which clusters: --cluster NAME, --project NAME for all of a project, or --all.")
        }
    }

    /// - Returns: the request, and a person's words for what it names.
    func wish(to version: String?, _ session: Session) async throws(Problem) -> (wish: MovePins, words: String) {
        if all { return (MovePins(to: version, all: true), "all clusters") }
        let scope = try await session.scope()
        guard let cluster else {
            return (MovePins(to: version, tenant: scope.tenant, project: scope.project), "all clusters of \(scope.tenant)/\(scope.project)")
        }
        return (
            MovePins(to: version, tenant: scope.tenant, project: scope.project, cluster: cluster),
            "the cluster \(scope.tenant)/\(scope.project)/\(cluster)"
        )
    }

    /// Shows what became of each cluster and, if asked, follows the operations.
    ///
    /// - Throws: the status of the first cluster that was refused or whose operation failed, when all has been told.
    func follow(_ moves: PinMoves, _ session: Session, _ output: OutputOptions) async throws {
        try output.show(moves, table: Table(moves))
        var failure: ExitStatus?
        for move in moves.moves {
            let name = "\(move.cluster.tenant)/\(move.cluster.project)/\(move.cluster.name)"
            if let problem = move.problem {
                failure = failure ?? ExitStatus(problem)
                Surroundings.current.err("\(name):\n\(ProblemText.render(problem))")
            }
            guard let operation = move.operation, waiting.isWanted else { continue }
            Surroundings.current.note("\(name):")
            do {
                _ = try await Waiting.follow(operation, client: session.client, timeout: waiting.timeout)
            } catch let end as CommandFailure {
                guard case .operation = end else { throw end }
                Surroundings.current.err(end.text)
                failure = failure ?? end.status
            }
        }
        if let failure { throw ExitCode(failure.rawValue) }
    }
}
