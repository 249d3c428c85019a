// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

struct ContextList: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List contexts; the one in use is marked.")

    @OptionGroup var output: OutputOptions

    func run() throws {
        let file = try ContextStore(environment: Surroundings.current.environment).load()
        let views = file.contexts.keys.sorted().compactMap { ContextView(name: $0, in: file) }
        try output.show(
            views,
            table: Table(
                columns: ["", "NAME", "SERVER", "TENANT", "PROJECT"],
                rows: views.map { [$0.isCurrent ? "*" : " ", $0.name, $0.server, $0.tenant ?? "", $0.project ?? ""] }))
    }
}
