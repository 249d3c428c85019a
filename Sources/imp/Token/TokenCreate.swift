// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import ImpresarioClient
import ImpresarioModel

struct TokenCreate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Create a token and print its secret, this once.",
        discussion: "Example: imp token create alice --role member --tenant acme --project shop")

    @Argument(help: "A DNS label.")
    var name: String

    @Option(help: "What it may do.")
    var role: Role = .member

    @OptionGroup var scope: ScopeOptions

    @Option(help: ArgumentHelp("How long it is good, such as 12h or 30d; for ever, if absent.", valueName: "duration"))
    var ttl: TimeToLive?

    @Option(help: ArgumentHelp("Write the secret to this file (mode 0600) instead of printing it.", valueName: "path"))
    var write: String?

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await connection.connect(tenant: scope.tenant, project: scope.project) { session in
            let isAdmin = role == .admin
            let tenant = isAdmin ? scope.tenant : try await session.tenant()
            let token = NewToken(name: name, role: role, tenant: tenant, project: scope.project, ttl: ttl)
            var made = try await session.client.createToken(token)
            let secret = made.secret
            if let write {
                try PrivateFiles.write(Data((secret + "\n").utf8), to: AbsolutePath.of(write))
                made.secret = ""
                Surroundings.current.note("the secret of token \(name) is in \(write)")
                return
            }
            try output.show(made, text: secret + "\n")
        }
    }
}
