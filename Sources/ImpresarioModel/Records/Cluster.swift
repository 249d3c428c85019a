// SPDX-License-Identifier: Apache-2.0

/// A dedicated cluster of one tenant. One record holds everything that quota use and host allocations are derived from.
public struct Cluster: Codable, Hashable, Sendable {
    public enum Phase: String, Codable, Sendable, CaseIterable {
        case queued, provisioning, ready, updating, hibernated, deleting, failed

        /// Transitional phases always have an operation with a deadline.
        public var isTransitional: Bool { self == .provisioning || self == .updating || self == .deleting }
    }

    public enum Health: String, Codable, Sendable {
        case unknown, healthy, degraded, unhealthy
    }

    public var id: ID<Cluster>
    public var name: String
    public var tenant: ID<Tenant>
    public var tenantName: String
    public var project: ID<Project>
    public var projectName: String
    public var type: String
    public var plugin: PluginPin
    /// As validated, defaults filled in.
    public var parameters: JSONValue
    public var labels: [String: String]
    public var groups: [NodeGroup]
    public var nodes: [Node]
    public var endpoints: [Endpoint]
    public var phase: Phase
    public var health: Health
    public var conditions: [Condition]
    /// The engine's version, as the plan said.
    public var version: String?
    /// The operation that runs, or the last one that ran.
    public var operation: ID<Operation>?
    /// How long it may live; nil: until somebody deletes it.
    public var lease: Lease?
    /// Of a cluster in phase `queued`: its place in line.
    public var queue: QueuePlace?
    public var createdAt: Timestamp
    public var updatedAt: Timestamp

    public init(
        id: ID<Cluster>, name: String, tenant: ID<Tenant>, tenantName: String, project: ID<Project>, projectName: String,
        type: String, plugin: PluginPin, parameters: JSONValue, labels: [String: String], groups: [NodeGroup], nodes: [Node],
        endpoints: [Endpoint], phase: Phase, health: Health, conditions: [Condition], version: String?,
        operation: ID<Operation>?, lease: Lease? = nil, queue: QueuePlace? = nil, createdAt: Timestamp, updatedAt: Timestamp
    ) {
        self.id = id
        self.name = name
        self.tenant = tenant
        self.tenantName = tenantName
        self.project = project
        self.projectName = projectName
        self.type = type
        self.plugin = plugin
        self.parameters = parameters
        self.labels = labels
        self.groups = groups
        self.nodes = nodes
        self.endpoints = endpoints
        self.phase = phase
        self.health = health
        self.conditions = conditions
        self.version = version
        self.operation = operation
        self.lease = lease
        self.queue = queue
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }
}

/// Exactly which plugin file manages a cluster.
public struct PluginPin: Codable, Hashable, Sendable {
    public var id: String
    public var version: String
    /// Lower-case hex SHA-256 of the library.
    public var sha256: String

    public init(id: String, version: String, sha256: String) {
        self.id = id
        self.version = version
        self.sha256 = sha256
    }
}

/// Nodes of one role and size, as planned by the plugin.
public struct NodeGroup: Codable, Hashable, Sendable {
    public struct Spread: Codable, Hashable, Sendable {
        public enum Domain: String, Codable, Sendable { case host, zone }
        public enum Mode: String, Codable, Sendable { case require, prefer }
        public var by: Domain
        public var mode: Mode

        public init(by: Domain, mode: Mode) {
            self.by = by
            self.mode = mode
        }
    }

    /// What a group bears while its nodes are taken away one after another: for repair, drain and upgrade.
    public struct Disruption: Codable, Hashable, Sendable {
        /// How many nodes may be away at once.
        public var maxUnavailable: Int
        /// More than half of the nodes must stay: members that vote.
        public var quorum: Bool

        public init(maxUnavailable: Int = 1, quorum: Bool = false) {
            self.maxUnavailable = maxUnavailable
            self.quorum = quorum
        }
    }

    public var name: String
    public var role: String
    public var count: Int
    public var flavor: String
    /// Debian packages that each node needs.
    public var packages: [String]
    /// How many may join at once: 1 for members of a quorum.
    public var batch: Int
    public var spread: Spread?
    /// How much of the group may be away at once; nil: one node, no quorum.
    public var disruption: Disruption?
    /// Nodes that may exist beyond `count` while others are replaced. They count from the day the cluster is admitted, so that an upgrade
    /// always finds its quota. Nil: none.
    public var surge: Int?

    public init(
        name: String, role: String, count: Int, flavor: String, packages: [String] = [], batch: Int = 1, spread: Spread? = nil,
        disruption: Disruption? = nil, surge: Int? = nil
    ) {
        self.name = name
        self.role = role
        self.count = count
        self.flavor = flavor
        self.packages = packages
        self.batch = batch
        self.spread = spread
        self.disruption = disruption
        self.surge = surge
    }
}

/// A node as promised: its place, size and address are decided at admission, before it exists.
public struct Node: Codable, Hashable, Sendable {
    public enum State: String, Codable, Sendable {
        /// Reserved; the driver may or may not have it.
        case planned
        /// The driver has it running.
        case running
        /// A member of its cluster.
        case joined
        /// Chosen to go: still there, soon no member and then destroyed.
        case leaving
        /// Stopped on purpose, with its disk and address: the cluster is hibernated.
        case stopped
        /// Given up: what is left of it is destroyed, or remembered as a tombstone when its host does not answer.
        case lost
    }

    public var id: ID<Node>
    /// `<cluster>-<group>-<ordinal>`, cut to a DNS label; also its host name.
    public var name: String
    public var group: String
    public var ordinal: Int
    public var flavor: String
    public var resources: ResourceVector
    public var zone: String
    public var host: String
    /// IPv4, without a prefix length.
    public var address: String
    public var state: State
    /// The node whose place this one takes while both exist; only that one counts in quota.
    public var replaces: ID<Node>?

    public init(
        id: ID<Node>, name: String, group: String, ordinal: Int, flavor: String, resources: ResourceVector, zone: String,
        host: String, address: String, state: State = .planned, replaces: ID<Node>? = nil
    ) {
        self.id = id
        self.name = name
        self.group = group
        self.ordinal = ordinal
        self.flavor = flavor
        self.resources = resources
        self.zone = zone
        self.host = host
        self.address = address
        self.state = state
        self.replaces = replaces
    }
}

/// Where a cluster answers.
public struct Endpoint: Codable, Hashable, Sendable {
    public enum Exposure: String, Codable, Sendable {
        /// Reachable where tenants are.
        case tenant
        /// Within the project's network only.
        case cluster
    }

    public var name: String
    /// The group whose nodes answer.
    public var group: String
    /// On the node.
    public var port: Int
    public var expose: Exposure
    /// `host:port`, one for each node of the group; empty until the cluster was ready once.
    public var addresses: [String]

    public init(name: String, group: String, port: Int, expose: Exposure, addresses: [String] = []) {
        self.name = name
        self.group = group
        self.port = port
        self.expose = expose
        self.addresses = addresses
    }
}

/// A fact about a cluster that its owner should know.
public struct Condition: Codable, Hashable, Sendable {
    public enum Severity: String, Codable, Sendable { case info, warning, error }

    /// CamelCase, stable.
    public var type: String
    public var severity: Severity
    public var message: String

    public init(type: String, severity: Severity, message: String) {
        self.type = type
        self.severity = severity
        self.message = message
    }
}

/// Credentials that were issued to someone. The secret part is not kept.
public struct Binding: Codable, Hashable, Sendable {
    public var id: ID<Binding>
    public var cluster: ID<Cluster>
    public var role: String
    public var issuedTo: String
    public var createdAt: Timestamp
    public var expiresAt: Timestamp?
    public var revokedAt: Timestamp?

    public init(
        id: ID<Binding>, cluster: ID<Cluster>, role: String, issuedTo: String, createdAt: Timestamp, expiresAt: Timestamp?,
        revokedAt: Timestamp? = nil
    ) {
        self.id = id
        self.cluster = cluster
        self.role = role
        self.issuedTo = issuedTo
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.revokedAt = revokedAt
    }
}

/// What a tenant needs to use a cluster with its native client.
public struct Credentials: Codable, Hashable, Sendable {
    public var binding: ID<Binding>
    /// File name (no folders) to content.
    public var files: [String: String]
    /// Environment; `${dir}` stands for the folder the files were written to.
    public var env: [String: String]
    public var expiresAt: Timestamp?

    public init(binding: ID<Binding>, files: [String: String], env: [String: String], expiresAt: Timestamp?) {
        self.binding = binding
        self.files = files
        self.env = env
        self.expiresAt = expiresAt
    }
}
