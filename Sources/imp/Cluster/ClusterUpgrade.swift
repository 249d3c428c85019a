// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import ImpresarioClient
import ImpresarioModel

struct ClusterUpgrade: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "upgrade", abstract: "Bring a cluster's engine to the version that its plugin plans now.",
        usage: "imp cluster upgrade <name> [--<parameter> <value> ...] [<options>]",
        discussion: """
            Where the type lets tenants choose the version, it is one of the flags that imp cluster upgrade NAME --help shows. Without any, the \
            cluster becomes what its plugin makes of its parameters now, which is news after the plugin was upgraded. Nodes go one batch after \
            another, so that the cluster works on.

            Example: imp cluster upgrade web --dry-run
            """,
        helpNames: [])

    @OptionGroup var change: ChangeOptions
    @OptionGroup var waiting: WaitOptions
    @OptionGroup var scope: ScopeOptions
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    @Argument(parsing: .allUnrecognized, help: ArgumentHelp("The cluster and its parameters.", visibility: .hidden))
    var words: [String] = []

    func run() async throws {
        try await ChangeRun(doing: "upgrading", change: change, waiting: waiting, output: output, allowsNothing: true)
            .run(words, help: Imp.helpMessage(for: Self.self), scope, connection)
    }
}
