// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ImpresarioModel

/// The command line of tenants and admins: nouns and verbs, and nothing that knows a cluster type.
struct Imp: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "imp",
        abstract: "Dedicated clusters from an Impresario broker.",
        discussion: """
            Which broker, and as whom: --server and --token-file, then IMPRESARIO_SERVER and IMPRESARIO_TOKEN, then the context in use \
            (imp context), then the broker of this machine.

            Exit codes:
            \(ExitStatus.help)
            """,
        version: "imp 0.1.0",
        groupedSubcommands: [
            CommandGroup(name: "Clusters", subcommands: [ClusterNoun.self, OperationNoun.self, TypeNoun.self, FlavorNoun.self]),
            CommandGroup(name: "Tenants", subcommands: [TenantNoun.self, ProjectNoun.self, QuotaNoun.self, TokenNoun.self]),
            CommandGroup(name: "Machines", subcommands: [ZoneNoun.self, HostNoun.self, PluginNoun.self]),
            CommandGroup(name: "This program", subcommands: [ContextNoun.self, Whoami.self, Completions.self]),
        ])

    /// Parses and runs one command line; everything that goes wrong is on standard error when it returns.
    static func run(arguments: [String]) async -> ExitStatus {
        do {
            var command = try parseAsRoot(arguments)
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
            return .success
        } catch {
            return report(error)
        }
    }

    private static func report(_ error: any Error) -> ExitStatus {
        let console = Surroundings.current
        switch error {
        case let failure as CommandFailure:
            console.err(failure.text)
            return failure.status
        case let code as ExitCode:
            return ExitStatus(rawValue: code.rawValue) ?? .failure
        case let problem as Problem:
            console.err(ProblemText.render(problem))
            return ExitStatus(problem)
        default:
            let message = fullMessage(for: error)
            switch exitCode(for: error) {
            case .success:
                console.out(message.isEmpty ? "" : message + "\n")
                return .success
            case .validationFailure:
                console.err(message.replacing("Error: ", with: "error: ", maxReplacements: 1) + "\n")
                return .usage
            default:
                console.err("error: \(error)\n")
                return .failure
            }
        }
    }
}
