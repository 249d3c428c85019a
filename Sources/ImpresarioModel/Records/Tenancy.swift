// SPDX-License-Identifier: Apache-2.0

/// A line of business: the outer level at which limits stand.
public struct Tenant: Codable, Hashable, Sendable {
    public var id: ID<Tenant>
    public var name: String
    /// Enforced where a key is listed, tracked everywhere.
    public var limits: ResourceLimits
    /// Zones this tenant may use; nil means every zone.
    public var zones: [String]?
    /// Whether its projects may together be promised more than its own limits; nil: no.
    public var allowsOvercommit: Bool?
    public var createdAt: Timestamp

    public init(
        id: ID<Tenant>, name: String, limits: ResourceLimits, zones: [String]? = nil, allowsOvercommit: Bool? = nil, createdAt: Timestamp
    ) {
        self.id = id
        self.name = name
        self.limits = limits
        self.zones = zones
        self.allowsOvercommit = allowsOvercommit
        self.createdAt = createdAt
    }
}

/// A team within a tenant: where clusters live, on a network of its own.
public struct Project: Codable, Hashable, Sendable {
    public var id: ID<Project>
    public var name: String
    public var tenant: ID<Tenant>
    public var tenantName: String
    public var limits: ResourceLimits
    /// The IPv4 network of this project's nodes, such as `10.208.3.0/24`. Drawn once, unique in the installation.
    public var network: String
    /// Nil: clusters live until somebody deletes them.
    public var leases: LeasePolicy?
    public var createdAt: Timestamp

    public init(
        id: ID<Project>, name: String, tenant: ID<Tenant>, tenantName: String, limits: ResourceLimits, network: String,
        leases: LeasePolicy? = nil, createdAt: Timestamp
    ) {
        self.id = id
        self.name = name
        self.tenant = tenant
        self.tenantName = tenantName
        self.limits = limits
        self.network = network
        self.leases = leases
        self.createdAt = createdAt
    }
}

/// Limits and what is used of them, at one level. `used` is always the sum over existing clusters.
public struct Quota: Codable, Hashable, Sendable {
    public var limits: ResourceLimits
    public var used: ResourceVector

    public init(limits: ResourceLimits, used: ResourceVector) {
        self.limits = limits
        self.used = used
    }

    /// What is over its limit, as a sentence with a blank before it; empty when nothing is. Lowering a limit below what is used takes nothing
    /// away: it lets nothing new in.
    public var warning: String {
        let keys = limits.keysExceeded(by: used)
        guard !keys.isEmpty else { return "" }
        let words = keys.map { "\($0) (\(Quantity.format(used[$0], of: $0)) used)" }.joined(separator: ", ")
        return " More is used than the limit allows of \(words): nothing new is admitted until less is."
    }
}

/// What a caller may do.
public enum Role: String, Codable, Sendable, CaseIterable {
    /// Everything, everywhere.
    case admin
    /// Everything within one tenant but its limits.
    case tenantAdmin = "tenant-admin"
    /// Clusters of one tenant (or of one project of it).
    case member
    /// Reads what a member reads.
    case viewer
}

/// A bearer token, without the secret: only its SHA-256 is kept.
public struct Token: Codable, Hashable, Sendable {
    public var id: ID<Token>
    public var name: String
    public var role: Role
    /// Names; nil for admins. A project narrows the token further.
    public var tenant: String?
    public var project: String?
    /// Lower-case hex SHA-256 of the secret. 256 random bits need no slow hash.
    public var hash: String
    public var createdAt: Timestamp
    public var expiresAt: Timestamp?

    public init(
        id: ID<Token>, name: String, role: Role, tenant: String?, project: String?, hash: String, createdAt: Timestamp,
        expiresAt: Timestamp?
    ) {
        self.id = id
        self.name = name
        self.role = role
        self.tenant = tenant
        self.project = project
        self.hash = hash
        self.createdAt = createdAt
        self.expiresAt = expiresAt
    }
}
