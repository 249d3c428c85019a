// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioClient
import ImpresarioModel

/// The plain docker client: this machine's own, else that of the unpacked packages; nothing is installed.
struct DockerClient {
    let environment: [String: String]
    let folder: String

    /// Writes the files of credentials below `parent`, as a tenant would.
    init(_ credentials: Credentials, in parent: String) throws {
        folder = "\(parent)/client-\(credentials.binding)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for (name, content) in credentials.files { try Data(content.utf8).write(to: URL(filePath: "\(folder)/\(name)")) }
        let folder = folder
        environment = credentials.env.mapValues { $0.replacing("${dir}", with: folder) }
    }

    private static let find = "client=$(command -v docker || ls \(Prerequisites.cache)/layers/*/usr/bin/docker | head -n 1)"

    /// - Parameter arguments: as in a shell, quotes included.
    func callAsFunction(_ arguments: String, _ changed: [String: String] = [:]) async throws -> Machine.Answer {
        try await Machine.shell(
            "\(Self.find); timeout 20 \"$client\" \(arguments)", ["HOME": folder].merging(environment) { $1 }.merging(changed) { $1 })
    }

    /// The states of the swarm's nodes, such as `Ready`.
    func states() async throws -> [String] {
        let answer = try await self("node ls --format '{{.Status}}'")
        return answer.succeeded ? answer.lines : ["error: \(answer.text)"]
    }
}

extension Installation {
    func credentials(_ name: String = "web", of account: Account) async throws -> Credentials {
        try await client(account.token) { try await $0.issueCredentials(toCluster: name, in: account.scope) }
    }

    func docker(_ name: String = "web", of account: Account) async throws -> DockerClient {
        try DockerClient(try await credentials(name, of: account), in: folder)
    }
}
