// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioClient
import ImpresarioModel

/// A folder of one cluster's credentials on this machine, with a note of which binding they are.
struct CredentialFolder: Sendable {
    /// What is noted beside the files.
    struct Note: Codable, Hashable, Sendable {
        var binding: ID<Binding>
        var cluster: ID<Cluster>
        var role: String?
        var env: [String: String]
        var expiresAt: Timestamp?

        /// Good for the same cluster and role for ten minutes more, and not revoked as far as the broker's list tells.
        func serves(_ cluster: ID<Cluster>, role: String?, bindings: [Binding], now: Timestamp) -> Bool {
            self.cluster == cluster && self.role == role && (expiresAt.map { now + .seconds(600) < $0 } ?? true)
                && bindings.contains { $0.id == binding && $0.revokedAt == nil }
        }
    }

    private static let noteName = ".binding.json"

    /// Absolute.
    let path: String

    init(path: String) { self.path = URL(filePath: path).standardizedFileURL.path(percentEncoded: false) }

    /// `$XDG_STATE_HOME/impresario/<context>/<tenant>/<project>/<cluster>`.
    init(label: String, scope: Scope, cluster: String, environment: [String: String]) {
        let state = environment["XDG_STATE_HOME"].flatMap { $0.isEmpty ? nil : $0 } ?? Home.path(environment) + "/.local/state"
        path = "\(state)/impresario/\(label)/\(scope.tenant)/\(scope.project)/\(cluster)"
    }

    func note() -> Note? {
        FileManager.default.contents(atPath: "\(path)/\(Self.noteName)").flatMap { try? CanonicalJSON.decode(from: $0) }
    }

    /// - Throws: ``Problem`` `invalid-answer` for names that would write or set what they must not, before anything is written.
    func write(_ credentials: Credentials, cluster: ID<Cluster>, role: String?) throws -> Note {
        for name in credentials.files.keys where !Self.isFileName(name) {
            throw Problem(.invalidAnswer, "The credentials hold a file that cannot be written: '\(Table.printable(name))'.", owner: .plugin)
        }
        for name in credentials.env.keys where !VariableName.isAllowed(name) {
            throw Problem(.invalidAnswer, "The credentials would set the variable '\(Table.printable(name))'.", owner: .plugin)
        }
        for (name, content) in credentials.files { try PrivateFiles.write(Data(content.utf8), to: "\(path)/\(name)") }
        let note = Note(
            binding: credentials.binding, cluster: cluster, role: role,
            env: credentials.env.mapValues { $0.replacing("${dir}", with: path) }, expiresAt: credentials.expiresAt)
        try PrivateFiles.write(try CanonicalJSON.encode(note), to: "\(path)/\(Self.noteName)")
        return note
    }

    static func isFileName(_ name: String) -> Bool {
        (1...255).contains(name.utf8.count) && !name.hasPrefix(".") && !name.utf8.contains { $0 == 0x2f || $0 < 0x20 || $0 == 0x7f }
    }
}
