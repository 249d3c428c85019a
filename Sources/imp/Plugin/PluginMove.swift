// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ImpresarioClient
import ImpresarioModel

struct PluginMove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "move", abstract: "Let another version manage clusters.",
        discussion: """
            Each cluster moves between its operations: state and secrets are kept for imp plugin rollback, then the version rewrites them if \
            it must.
            """)

    @Argument(help: "Its id, as in imp plugin list.")
    var plugin: String

    @Option(help: ArgumentHelp("The version, or the first digits of its hash; the enabled one when it is not said.", valueName: "version"))
    var to: String?

    @OptionGroup var selection: PinSelection
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await connection.connect(tenant: selection.scope.tenant, project: selection.scope.project) { session in
            let (wish, words) = try await selection.wish(to: to, session)
            let version = to ?? "the enabled version"
            try Surroundings.current.confirm("Let \(version) of \(plugin) manage \(words)?", yes: selection.yes)
            let moves = try await asking { () async throws(Problem) in try await session.client.movePins(ofPlugin: plugin, wish) }
            try await selection.follow(moves, session, output)
        }
    }
}
