// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ImpresarioClient
import ImpresarioModel

struct ContextAdd: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Keep a broker's address and token under a name, or replace them.")

    @Argument(help: "What you call it.")
    var name: String

    @Option(help: ArgumentHelp("The broker's address.", valueName: "url"))
    var server: String

    @Option(help: ArgumentHelp("A file that holds the bearer token; - reads standard input.", valueName: "path"))
    var tokenFile: String?

    @Option(help: ArgumentHelp("The tenant you work for.", valueName: "name"))
    var tenant: String?

    @Option(help: ArgumentHelp("The project you work in.", valueName: "name"))
    var project: String?

    @Option(help: ArgumentHelp("A PEM file of the certificates to trust.", valueName: "path"))
    var ca: String?

    @Flag(help: "Use it from now on.")
    var use = false

    func run() throws {
        let address = try ServerAddress(server)
        try Name.check(name, field: "name")
        let store = ContextStore(environment: Surroundings.current.environment)
        var file = try store.load()
        file.add(
            .init(
                server: address.description, token: try tokenFile.map(TokenFile.read), tenant: tenant, project: project,
                ca: ca.map(AbsolutePath.of)),
            named: name)
        if use { file.current = name }
        try store.save(file)
        Surroundings.current.note("context \(name) is kept in \(store.path)\(file.current == name ? " and in use" : "")")
    }
}
