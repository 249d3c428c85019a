// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials

/// Certificates for clients, fresh ones for each binding, and who was given which: a document of the cluster's state, so that every one can be revoked.
///
///     let clients = ClientCertificates(authority: "endpoint")
///     let (pair, expiresAt) = try clients.issue(call, request)              // in credentials
///     try clients.revoke(call, binding: binding)                            // in revoke, and then on each node:
///     let list = try call.revocationList(of: clients.authority, serials: try clients.revokedSerials(call))
public struct ClientCertificates: Sendable {
    /// The authority that signs; the engine, or what stands before it, trusts it and asks its revocation list.
    public var authority: String
    /// The key of the document.
    public var key: String
    /// Seconds that tenants may ask for.
    public var lifetimes = 60...365 * 86_400
    /// Seconds for those who ask for none.
    public var usualLifetime = 30 * 86_400

    /// - Parameter key: of the document in the cluster's state.
    public init(authority: String, key: String = "bindings") {
        self.authority = authority
        self.key = key
    }

    /// [write] A new pair for the binding, whose id is its common name. It is recorded before it is handed out, so that there is none that cannot be revoked.
    ///
    /// - Returns: the pair, and when it ends as ``Credentials/expiresAt`` says it.
    /// - Throws: ``PluginProblem/Status/invalid`` at `/ttl`; ``PluginProblem/Status/precondition`` for a binding that was revoked.
    public func issue(_ call: borrowing Call, _ request: CredentialsRequest) throws -> (pair: KeyPair, expiresAt: String) {
        let ttl = request.ttl.map { Int(clamping: $0.components.seconds) } ?? usualLifetime
        guard lifetimes.contains(ttl) else {
            throw PluginProblem(
                .invalid, code: "sdk.lifetime",
                "Credentials last from \(lifetimes.lowerBound) to \(lifetimes.upperBound) seconds; \(ttl) were asked for.", field: "/ttl",
                owner: .tenant)
        }
        let now = Date.now
        let expires = now.addingTimeInterval(Double(ttl))
        let pair = try call.keyPair(
            "client-\(request.binding)",
            CertificateProfile(authority: authority, commonName: request.binding, usages: [.client], ttl: ttl, fresh: true))
        try call.updateState(key, initial: Ledger()) { ledger in
            guard ledger.entries[request.binding]?.isRevoked != true else {
                throw PluginProblem(
                    .precondition, code: "sdk.binding-revoked", "These credentials were revoked; ask for new ones.", owner: .tenant)
            }
            ledger.record(pair.serial, of: request.binding, expires: expires.seconds, now: now.seconds)
        }
        return (pair, expires.formatted(.iso8601))
    }

    /// [write] The binding's certificates are revoked from now on, as far as ``revokedSerials(_:)`` goes. One that was never issued is no error.
    public func revoke(_ call: borrowing Call, binding: String) throws {
        try call.updateState(key, initial: Ledger()) { $0.revoke(binding, now: Date.now.seconds) }
    }

    /// [read] What the authority's revocation list must name; expired certificates are refused anyway.
    public func revokedSerials(_ call: borrowing Call) throws -> [String] {
        try call.state(key, as: Ledger.self)?.revokedSerials ?? []
    }

    /// The document.
    struct Ledger: Codable, Hashable {
        struct Entry: Codable, Hashable {
            /// Lower-case hex.
            var serials: [String]
            /// Seconds since 1970; the last of its certificates.
            var expires: Int64
            var isRevoked: Bool
        }

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

        var revokedSerials: [String] { entries.values.filter(\.isRevoked).flatMap(\.serials).sorted() }

        /// With a day's grace, for clocks that differ.
        private mutating func prune(now: Int64) { entries = entries.filter { $0.value.expires + 86_400 > now } }
    }
}

extension Date {
    fileprivate var seconds: Int64 { Int64(timeIntervalSince1970) }
}
