// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioModel

/// The plain client of an engine, out of the unpacked packages, with a tenant's credentials; nothing is installed.
struct EngineClient {
    let environment: [String: String]
    private let program: String

    /// - Parameter program: a name in `/usr/bin` of a package that the nodes have.
    init(_ program: String, _ credentials: Credentials, in parent: String) throws {
        environment = try Self.environment(credentials, in: parent)
        self.program = program
    }

    /// The variables that `imp cluster env` prints, with the files that they name written.
    static func environment(_ credentials: Credentials, in parent: String) throws -> [String: String] {
        let folder = "\(parent)/client-\(credentials.binding)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for (name, content) in credentials.files { try Data(content.utf8).write(to: URL(filePath: "\(folder)/\(name)")) }
        return credentials.env.mapValues { $0.replacing("${dir}", with: folder) }
    }

    /// - Parameters:
    ///   - arguments: as in a shell, quotes included.
    ///   - changed: variables that are others than those of the credentials.
    func callAsFunction(_ arguments: String, _ changed: [String: String] = [:]) async throws -> Machine.Answer {
        try await Machine.shell(
            """
            client=$(ls -t \(Prerequisites.cache)/layers/*/usr/bin/\(program) | head -n 1)
            [ -n "$client" ] || exit 127
            export LD_LIBRARY_PATH=$(echo ${client%/bin/*}/lib/*-linux-gnu)
            timeout 20 "$client" \(arguments)
            """, environment.merging(changed) { $1 })
    }
}
