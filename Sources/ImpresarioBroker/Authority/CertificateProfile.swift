// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import ImpresarioModel

/// What a certificate shall say, as plugins ask for it: `{ca, cn, is_ca?, org?, dns?, ips?, usages?, ttl?, fresh?}`.
struct CertificateProfile: Hashable, Sendable {
    enum Usage: String, Sendable { case server, client }

    /// Bounds of `ttl`: a minute to twenty years.
    static let lifetimes: ClosedRange<Int64> = 60...(20 * 365 * 86_400)

    /// The authority that signs.
    var authority: String
    /// Asks for the authority's own certificate.
    var isAuthority: Bool
    var commonName: String
    var organizations: [String]
    var dns: [String]
    /// IPv4 or IPv6.
    var ips: [String]
    var usages: [Usage]
    /// Nil: the default of what is asked for.
    var lifetime: Duration?
    /// Issued anew each time and not kept.
    var isFresh: Bool

    init(
        authority: String, isAuthority: Bool = false, commonName: String, organizations: [String] = [], dns: [String] = [],
        ips: [String] = [], usages: [Usage] = [.server, .client], lifetime: Duration? = nil, isFresh: Bool = false
    ) {
        self.authority = authority
        self.isAuthority = isAuthority
        self.commonName = commonName
        self.organizations = organizations
        self.dns = dns
        self.ips = ips
        self.usages = usages
        self.lifetime = lifetime
        self.isFresh = isFresh
    }

    /// - Throws: ``Problem`` `plugin-failed` with a pointer to the member at fault; unknown members are refused, as a name that is left out of a
    ///   certificate by a spelling mistake is found late.
    init(_ document: JSONValue) throws(Problem) {
        let problems = try JSONSchema(Self.schema).validate(document)
        if let first = problems.first {
            throw Problem(.pluginFailed, "The certificate profile cannot be used: \(first.message)", field: first.field, errors: problems)
        }
        func texts(_ member: String) -> [String] { document[member]?.array?.compactMap(\.string) ?? [] }
        self.init(
            authority: document["ca"]?.string ?? "", isAuthority: document["is_ca"]?.bool ?? false,
            commonName: document["cn"]?.string ?? "", organizations: texts("org"), dns: texts("dns"), ips: texts("ips"),
            usages: document["usages"] == nil ? [.server, .client] : texts("usages").compactMap(Usage.init),
            lifetime: document["ttl"]?.integer.map { .seconds($0) }, isFresh: document["fresh"]?.bool ?? false)
        for (position, text) in ips.enumerated() where IPAddress.bytes(text) == nil {
            throw Problem(
                .pluginFailed, "The certificate profile cannot be used: '\(text.prefix(60))' is not an IP address.",
                field: "/ips/\(position)")
        }
    }

    private static let schema: JSONValue = {
        // X.520 bounds both at 64 characters; control characters in a name deceive who reads it.
        let name: JSONValue = ["type": "string", "pattern": "^[^\u{0}-\u{1f}\u{7f}-\u{9f}]{1,64}$"]
        let host: JSONValue = [
            "type": "string", "maxLength": 253,
            "pattern": "^(\\*\\.)?[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?(\\.[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?)*$",
        ]
        return [
            "type": "object", "required": ["ca", "cn"], "additionalProperties": false,
            "properties": [
                "ca": ["type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$"],
                "is_ca": ["type": "boolean"],
                "cn": name,
                "org": ["type": "array", "items": name, "maxItems": 16],
                "dns": ["type": "array", "items": host, "maxItems": 256],
                "ips": ["type": "array", "items": ["type": "string"], "maxItems": 256],
                "usages": ["type": "array", "items": ["enum": ["server", "client"]], "minItems": 1, "uniqueItems": true],
                "ttl": ["type": "integer", "minimum": .integer(lifetimes.lowerBound), "maximum": .integer(lifetimes.upperBound)],
                "fresh": ["type": "boolean"],
            ],
        ]
    }()
}
