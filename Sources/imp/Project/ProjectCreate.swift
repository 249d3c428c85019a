// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ImpresarioClient
import ImpresarioModel

struct ProjectCreate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "create", abstract: "Create a project in a tenant.")

    @Argument(help: "A DNS label.")
    var name: String

    @Option(
        name: .customLong("limit"),
        help: ArgumentHelp(
            "A limit such as cpu=4, memory=8Gi or cluster=2; repeatable. Keys that are not named are not limited.", valueName: "key=amount")
    )
    var limits: [String] = []

    @Option(help: ArgumentHelp("The tenant.", valueName: "name"))
    var tenant: String?

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await connection.connect(tenant: tenant) { session in
            let project = NewProject(name: name, limits: try Limits.read(limits))
            let made = try await session.client.createProject(project, inTenant: try await session.tenant())
            try output.show(made, fields: Fields(made))
        }
    }
}
