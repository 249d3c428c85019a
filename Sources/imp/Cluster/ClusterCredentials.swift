// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ImpresarioModel

struct ClusterCredentials: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "credentials", abstract: "Get credentials as files, and show where they are.",
        discussion: "Files are written with mode 0600. Revoke credentials with imp cluster revoke.")

    @Argument(help: "The cluster's name.")
    var name: String

    @OptionGroup var credentials: CredentialOptions
    @OptionGroup var scope: ScopeOptions
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    private struct View: Encodable {
        var binding: ID<Binding>
        var dir: String
        var env: [String: String]
        var expiresAt: Timestamp?
    }

    func run() async throws {
        try await connection.connect(tenant: scope.tenant, project: scope.project) { session in
            let (folder, note) = try await credentials.obtain(name, session)
            let view = View(binding: note.binding, dir: folder.path, env: note.env, expiresAt: note.expiresAt)
            let variables = note.env.sorted { $0.key < $1.key }.map { ($0.key, Optional($0.value)) }
            try output.show(
                view,
                fields: Fields(
                    [("binding", note.binding.rawValue), ("folder", folder.path), ("expires", note.expiresAt?.short ?? "never")] + variables
                ))
        }
    }
}
