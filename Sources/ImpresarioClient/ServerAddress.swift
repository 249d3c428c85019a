// SPDX-License-Identifier: Apache-2.0

import Foundation
public import ImpresarioModel

/// The base of every request, such as `http://127.0.0.1:7070`.
public struct ServerAddress: Sendable, Hashable, CustomStringConvertible {
    /// Without a slash at the end.
    public let description: String
    public let isEncrypted: Bool

    /// Reads `https://host[:port]`, `http://host[:port]` or `host:port` (which is http).
    ///
    /// - Throws: ``Problem`` `invalid-usage` when it is none of these, or when it is `http` to another machine: a token must not travel in the clear.
    public init(_ text: String) throws(Problem) {
        let trimmed = text.trimmingCharacters(in: .whitespacesAndNewlines)
        let full = trimmed.contains("://") ? trimmed : "http://" + trimmed
        guard let parts = URLComponents(string: full), let scheme = parts.scheme, ["http", "https"].contains(scheme),
            let host = parts.host, !host.isEmpty, parts.user == nil, parts.query == nil, parts.fragment == nil,
            ["", "/"].contains(parts.path), parts.port.map((1...65535).contains) ?? true
        else {
            throw Problem(
                .invalidUsage, "'\(trimmed.prefix(200))' is not the address of a broker.",
                remedy: "Write it like https://broker.example:7070 or http://127.0.0.1:7070.")
        }
        isEncrypted = scheme == "https"
        guard isEncrypted || Self.isLoopback(host) else {
            throw Problem(
                .invalidUsage, "\(full) would send the token unencrypted to another machine.",
                remedy: "Use https://\(host)\(parts.port.map { ":\($0)" } ?? "").")
        }
        description = "\(scheme)://\(host)\(parts.port.map { ":\($0)" } ?? "")"
    }

    private static func isLoopback(_ host: String) -> Bool {
        let octets = host.split(separator: ".", omittingEmptySubsequences: false)
        return host == "localhost" || host == "[::1]" || host == "::1"
            || (octets.count == 4 && octets[0] == "127" && octets.allSatisfy { UInt8($0) != nil })
    }
}
