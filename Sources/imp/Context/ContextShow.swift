// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ImpresarioModel

struct ContextShow: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show a context, the one in use if none is named; never its token.")

    @Argument(help: "Its name.")
    var name: String?

    @OptionGroup var output: OutputOptions

    func run() throws {
        let file = try ContextStore(environment: Surroundings.current.environment).load()
        guard let name = name ?? file.current else {
            throw Problem(.invalidUsage, "No context is in use.", remedy: "See imp context list and imp context use NAME.")
        }
        _ = try file.context(named: name)
        guard let view = ContextView(name: name, in: file) else { return }
        try output.show(
            view,
            fields: Fields([
                ("name", view.name), ("in use", view.isCurrent ? "yes" : "no"), ("server", view.server),
                ("token", view.hasToken ? "kept" : "none"), ("tenant", view.tenant), ("project", view.project), ("ca", view.ca),
            ]))
    }
}
