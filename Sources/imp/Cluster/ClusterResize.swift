// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import ImpresarioClient
import ImpresarioModel

struct ClusterResize: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resize", abstract: "Change a cluster's parameters: more or fewer nodes, other settings.",
        usage: "imp cluster resize <name> [--<parameter> <value> ...] [<options>]",
        discussion: """
            What can be changed are flags: imp cluster resize NAME --help shows those of the cluster's type. What is not named stays as it is. \
            Of a group that gets smaller those nodes go that the plugin misses least; they are drained first.

            Example: imp cluster resize web --workers 4 --wait
            """,
        helpNames: [], aliases: ["configure"])

    @OptionGroup var change: ChangeOptions
    @OptionGroup var waiting: WaitOptions
    @OptionGroup var scope: ScopeOptions
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    @Argument(parsing: .allUnrecognized, help: ArgumentHelp("The cluster and its parameters.", visibility: .hidden))
    var words: [String] = []

    func run() async throws {
        try await ChangeRun(doing: "resizing", change: change, waiting: waiting, output: output, allowsNothing: false)
            .run(words, help: Imp.helpMessage(for: Self.self), scope, connection)
    }
}
