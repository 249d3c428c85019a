// SPDX-License-Identifier: Apache-2.0

import CImpresario
import FoundationEssentials

/// What a certificate shall say. The core does the cryptography.
public struct CertificateProfile: Codable, Hashable, Sendable {
    /// What its bearer may be.
    public enum Usage: String, Codable, Sendable { case server, client }

    enum CodingKeys: String, CodingKey {
        case authority = "ca"
        case isAuthority = "is_ca"
        case commonName = "cn"
        case organizations = "org"
        case dns, ips, usages, ttl, fresh
    }

    /// The authority that signs, made when it is named for the first time. A cluster may have any number.
    public var authority: String
    /// Asks for the authority's own certificate; its key is never handed out.
    public var isAuthority: Bool?
    /// Common name.
    public var commonName: String
    /// Organizations.
    public var organizations: [String]?
    /// Subject alternative names.
    public var dns: [String]?
    /// Subject alternative addresses.
    public var ips: [String]?
    /// What its bearer may be.
    public var usages: [Usage]?
    /// Seconds; nil is the core's choice.
    public var ttl: Int?
    /// Issued anew each time and kept nowhere, for credentials; otherwise the same name brings the same pair.
    public var fresh: Bool?

    /// A profile.
    public init(
        authority: String, isAuthority: Bool? = nil, commonName: String, organizations: [String]? = nil, dns: [String]? = nil,
        ips: [String]? = nil, usages: [Usage]? = nil, ttl: Int? = nil, fresh: Bool? = nil
    ) {
        self.authority = authority
        self.isAuthority = isAuthority
        self.commonName = commonName
        self.organizations = organizations
        self.dns = dns
        self.ips = ips
        self.usages = usages
        self.ttl = ttl
        self.fresh = fresh
    }
}

/// A certificate, its key and who signed it.
public struct KeyPair: Codable, Hashable, Sendable {
    /// PEM.
    public var cert: String
    /// PEM; nil for an authority.
    public var key: String?
    /// The authority's certificate, PEM.
    public var ca: String
    /// Lower-case hex; what ``Call/revocationList(of:serials:)`` takes.
    public var serial: String
}

extension Call {
    /// [write] A key pair made and kept by the core under `name`.
    public func keyPair(_ name: String, _ profile: CertificateProfile) throws -> KeyPair {
        let json = try JSONValue(encoding: profile).text()
        let answer = try answer { sink throws(PluginProblem) in
            try Arena.with { arena throws(PluginProblem) in
                try check(host.pointee.key_pair(pointer, arena.text(name), arena.text(json), sink))
            }
        }
        return try JSONDecoder().decode(KeyPair.self, from: answer)
    }

    /// [write] A certificate for a signing request (PEM) whose key stays where it is.
    ///
    /// - Returns: the chain, PEM, leaf first.
    public func certificate(for request: String, _ profile: CertificateProfile) throws -> String {
        let json = try JSONValue(encoding: profile).text()
        let answer = try answer { sink throws(PluginProblem) in
            try Arena.with { arena throws(PluginProblem) in
                try check(host.pointee.cert_issue(pointer, arena.text(request), arena.text(json), sink))
            }
        }
        return String(decoding: answer, as: UTF8.self)
    }

    /// [write] A revocation list of an authority, valid for ten years. Give all revoked serials each time.
    ///
    /// - Returns: PEM.
    public func revocationList(of authority: String, serials: [String]) throws(PluginProblem) -> String {
        let answer = try answer { sink throws(PluginProblem) in
            try Arena.with { arena throws(PluginProblem) in
                let list = arena.array(serials.map { arena.text($0) })
                try check(host.pointee.revocation_list(pointer, arena.text(authority), list, serials.count, sink))
            }
        }
        return String(decoding: answer, as: UTF8.self)
    }
}
