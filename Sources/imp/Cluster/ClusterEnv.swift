// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ImpresarioModel

struct ClusterEnv: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "env", abstract: "Get credentials and print the variables that the cluster's own client needs.",
        discussion: """
            Files are written with mode 0600; only export lines are printed:

              eval "$(imp cluster env web)"
              imp cluster env web --shell fish | source
            """)

    @Argument(help: "The cluster's name.")
    var name: String

    @Option(help: "Whose syntax to print; sh is also bash's and zsh's.")
    var shell: Shell = .sh

    @OptionGroup var credentials: CredentialOptions
    @OptionGroup var scope: ScopeOptions
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        try await connection.connect(tenant: scope.tenant, project: scope.project) { session in
            let (_, note) = try await credentials.obtain(name, session)
            let lines = note.env.sorted { $0.key < $1.key }.filter { VariableName.isAllowed($0.key) }.map { shell.export($0.key, $0.value) }
            Surroundings.current.out(lines.map { $0 + "\n" }.joined())
        }
    }
}
