// SPDX-License-Identifier: Apache-2.0

import ImpresarioPluginKit

/// Who was given which certificates: the one document of state that the plugin keeps.
struct Bindings: Codable, Hashable, Sendable {
    struct Entry: Codable, Hashable, Sendable {
        /// Lower-case hex.
        var serials: [String]
        /// Seconds since 1970; the last of its certificates.
        var expires: Int64
        var isRevoked: Bool
    }

    static let key = "bindings"

    /// By binding id.
    var entries: [String: Entry] = [:]

    mutating func record(_ serial: String, of binding: String, expires: Int64, now: Int64) {
        prune(now: now)
        var entry = entries[binding] ?? Entry(serials: [], expires: 0, isRevoked: false)
        entry.serials.append(serial)
        entry.expires = max(entry.expires, expires)
        entries[binding] = entry
    }

    mutating func revoke(_ binding: String, now: Int64) {
        prune(now: now)
        entries[binding]?.isRevoked = true
    }

    /// What the revocation list must name: expired certificates are refused anyway.
    var revokedSerials: [String] { entries.values.filter(\.isRevoked).flatMap(\.serials).sorted() }

    /// With a day's grace, for clocks that differ.
    private mutating func prune(now: Int64) { entries = entries.filter { $0.value.expires + 86_400 > now } }
}
