// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ImpresarioClient
import ImpresarioModel

struct PluginRollback: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollback", abstract: "Give clusters back to the version before, with the state kept then.",
        discussion: "It is refused where the newer version has written state since: that would be lost.")

    @Argument(help: "Its id, as in imp plugin list.")
    var plugin: String

    @OptionGroup var selection: PinSelection
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await connection.connect(tenant: selection.scope.tenant, project: selection.scope.project) { session in
            let (wish, words) = try await selection.wish(to: nil, session)
            try Surroundings.current.confirm("Give \(words) back to the version of \(plugin) before?", yes: selection.yes)
            let moves = try await asking { () async throws(Problem) in try await session.client.rollBackPins(ofPlugin: plugin, wish) }
            try await selection.follow(moves, session, output)
        }
    }
}
