// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioModel
import Subprocess

/// The plain docker client of this machine, or that of the nodes' packages, with a tenant's credentials.
struct DockerClient {
    let environment: [String: String]

    /// Writes the files of `credentials` below `directory`.
    init(_ credentials: IssuedCredentials, in directory: URL) throws {
        let folder = directory.appending(path: "client-\(UInt64.random(in: 0 ... .max))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for (name, content) in credentials.files {
            try content.write(to: folder.appending(path: name), atomically: true, encoding: .utf8)
        }
        environment = credentials.env.mapValues { $0.replacing("${dir}", with: folder.path()) }
    }

    struct Answer {
        var succeeded: Bool
        /// stdout and stderr.
        var text: String
        var lines: [Substring] { text.split(separator: "\n") }
    }

    /// - Parameter arguments: as in a shell, quotes included.
    func callAsFunction(_ arguments: String) async throws -> Answer {
        try await Self.shell("exec \"$client\" \(arguments)", environment)
    }

    static func shell(_ script: String, _ environment: [String: String] = [:]) async throws -> Answer {
        let find = "client=$(command -v docker || find /var/tmp/impresario-test-cache -path '*/usr/bin/docker' | head -n 1)"
        var variables = Environment.inherit
        for (name, value) in environment { variables = variables.updating([.init(stringLiteral: name): value]) }
        let result = try await Subprocess.run(
            .name("bash"), arguments: ["-c", "exec 2>&1; \(find); \(script)"], environment: variables, output: .string(limit: 1 << 20))
        return Answer(succeeded: result.terminationStatus.isSuccess, text: result.standardOutput)
    }
}
