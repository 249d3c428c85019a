// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

struct ContextRemove: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "remove", abstract: "Forget a context and its token.")

    @Argument(help: "Its name.")
    var name: String

    func run() throws {
        let store = ContextStore(environment: Surroundings.current.environment)
        var file = try store.load()
        try file.remove(name)
        try store.save(file)
        Surroundings.current.note("context \(name) is forgotten")
    }
}
