// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioModel
import Testing

/// A client made of the engine's own library, libnats. (Debian has no `nats` command.)
struct NatsClient {
    static let hasLibrary = Machine.succeeds("echo '#include <nats/nats.h>' | cc -E -")

    let environment: [String: String]
    /// Where the servers are reached, as the credentials tell it.
    let addresses: [String]

    private static let folder = "\(Sample.workshop)/nats-client"
    private static let program = "\(folder)/client"

    init(_ credentials: Credentials, in parent: String) async throws {
        try await Self.build()
        environment = try EngineClient.environment(credentials, in: parent)
        addresses = (environment["NATS_URL"] ?? "").split(separator: ",").map { String($0.trimmingPrefix("tls://")) }
    }

    private static func build() async throws {
        let source = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "nats-client.c").path
        let made = try await Machine.shell(
            """
            mkdir -p \(folder) && { [ \(program) -nt \(source) ] || cc -Wall -Wextra -Werror -o \(program) \(source) -lnats; }
            """)
        try #require(made.succeeded, "\(made.text)")
    }

    /// - Parameters:
    ///   - arguments: as in a shell, quotes included.
    ///   - address: one server; all of them when left out.
    ///   - publisher: the server at which `pass` publishes.
    ///   - changed: variables that are others than those of the credentials.
    func callAsFunction(
        _ arguments: String, at address: String? = nil, publishingAt publisher: String? = nil, _ changed: [String: String] = [:]
    ) async throws -> Machine.Answer {
        var variables = environment.merging(changed) { $1 }
        if let address { variables["NATS_URL"] = "tls://\(address)" }
        if let publisher { variables["NATS_OTHER_URL"] = "tls://\(publisher)" }
        return try await Machine.shell("timeout 120 \(Self.program) \(arguments)", variables)
    }
}
