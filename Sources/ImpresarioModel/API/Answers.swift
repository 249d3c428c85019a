// SPDX-License-Identifier: Apache-2.0

/// One page of a list.
public struct Page<Item: Codable & Sendable>: Codable, Sendable {
    public var items: [Item]
    /// Pass it as `?continue=` to get the next page; absent on the last one.
    public var `continue`: String?

    public init(items: [Item], continue: String? = nil) {
        self.items = items
        self.continue = `continue`
    }
}

/// Work that was admitted: `202`.
public struct Accepted: Codable, Hashable, Sendable {
    public var operation: Operation
    public var cluster: Cluster

    public init(operation: Operation, cluster: Cluster) {
        self.operation = operation
        self.cluster = cluster
    }
}

/// What a request would do: the cluster as it would be recorded and what it would count at each level.
public struct DryRun: Codable, Hashable, Sendable {
    public struct Level: Codable, Hashable, Sendable {
        /// `tenant` or `project`.
        public var level: String
        public var name: String
        public var limits: ResourceLimits
        public var used: ResourceVector
        public var asked: ResourceVector

        public init(level: String, name: String, limits: ResourceLimits, used: ResourceVector, asked: ResourceVector) {
            self.level = level
            self.name = name
            self.limits = limits
            self.used = used
            self.asked = asked
        }
    }

    /// What it costs at the prices of its flavors.
    public struct Cost: Codable, Hashable, Sendable {
        /// Of all nodes for one hour.
        public var hourly: Price
        /// To the end of the lease; absent without a lease.
        public var total: Price?
        public var until: Timestamp?

        public init(hourly: Price, total: Price? = nil, until: Timestamp? = nil) {
            self.hourly = hourly
            self.total = total
            self.until = until
        }
    }

    public var cluster: Cluster
    public var quota: [Level]
    /// Absent when no flavor in it has a price.
    public var cost: Cost?

    public init(cluster: Cluster, quota: [Level], cost: Cost? = nil) {
        self.cluster = cluster
        self.quota = quota
        self.cost = cost
    }
}

/// `GET /v1/whoami`.
public struct Identity: Codable, Hashable, Sendable {
    public var name: String
    public var role: Role
    public var tenant: String?
    public var project: String?
    /// The broker's version.
    public var version: String

    public init(name: String, role: Role, tenant: String?, project: String?, version: String) {
        self.name = name
        self.role = role
        self.tenant = tenant
        self.project = project
        self.version = version
    }
}

/// A token as others see it: without its hash.
public struct TokenView: Codable, Hashable, Sendable {
    public var name: String
    public var role: Role
    public var tenant: String?
    public var project: String?
    public var createdAt: Timestamp
    public var expiresAt: Timestamp?

    public init(_ token: Token) {
        name = token.name
        role = token.role
        tenant = token.tenant
        project = token.project
        createdAt = token.createdAt
        expiresAt = token.expiresAt
    }
}

/// A token that was just made. The secret is shown this once.
public struct IssuedToken: Codable, Hashable, Sendable {
    public var token: TokenView
    public var secret: String

    public init(token: TokenView, secret: String) {
        self.token = token
        self.secret = secret
    }
}

/// A cluster type with the plugin that brings it; in JSON the members of ``ClusterType``, two more, and for each operation the schemas of what it takes
/// and answers.
public struct TypeView: Codable, Hashable, Sendable {
    public var type: ClusterType
    public var plugin: PluginPin
    public var enabled: Bool

    public init(type: ClusterType, plugin: PluginPin, enabled: Bool) {
        self.type = type
        self.plugin = plugin
        self.enabled = enabled
    }

    private enum CodingKeys: String, CodingKey { case plugin, enabled, operations }

    private struct OperationView: Encodable {
        enum CodingKeys: String, CodingKey { case argumentsSchema, resultsSchema }
        var operation: TypedOperation

        func encode(to encoder: any Encoder) throws {
            try operation.encode(to: encoder)
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(operation.argumentsSchema, forKey: .argumentsSchema)
            try container.encode(operation.resultsSchema, forKey: .resultsSchema)
        }
    }

    public init(from decoder: any Decoder) throws {
        type = try ClusterType(from: decoder)
        let container = try decoder.container(keyedBy: CodingKeys.self)
        plugin = try container.decode(PluginPin.self, forKey: .plugin)
        enabled = try container.decode(Bool.self, forKey: .enabled)
    }

    public func encode(to encoder: any Encoder) throws {
        try type.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(plugin, forKey: .plugin)
        try container.encode(enabled, forKey: .enabled)
        try container.encode(type.operations.map(OperationView.init), forKey: .operations)
    }
}
