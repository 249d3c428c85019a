// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

struct ContextUse: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "use", abstract: "Use a context from now on.")

    @Argument(help: "Its name.")
    var name: String

    func run() throws {
        let store = ContextStore(environment: Surroundings.current.environment)
        var file = try store.load()
        _ = try file.context(named: name)
        file.current = name
        try store.save(file)
        Surroundings.current.note("context \(name) is in use")
    }
}
