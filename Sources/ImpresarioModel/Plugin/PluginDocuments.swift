// SPDX-License-Identifier: Apache-2.0

/// The verbs of a cluster type, each a function pointer in `imp_type`.
public enum PluginVerb: String, Codable, Sendable, CaseIterable {
    case validate, plan, bootstrap, join, leave, health, credentials, revoke, configure, upgrade, migrate, destroy

    /// Which host calls a verb may make.
    public enum Class: String, Sendable {
        /// Only `log`.
        case pure
        /// Everything that changes nothing.
        case read
        case write
    }

    public var verbClass: Class {
        switch self {
        case .validate, .plan: .pure
        case .health: .read
        default: .write
        }
    }
}

/// What every verb and typed operation is shown, version 1.
public struct PluginContext: Codable, Hashable, Sendable {
    public struct OperationView: Codable, Hashable, Sendable {
        public var id: String
        public var kind: String
        public var attempt: Int

        public init(id: String, kind: String, attempt: Int) {
            self.id = id
            self.kind = kind
            self.attempt = attempt
        }
    }

    public struct ClusterView: Codable, Hashable, Sendable {
        public var id: String
        public var name: String
        public var params: JSONValue
        public var version: String?
        public var labels: [String: String]
        /// The project's IPv4 network, such as `10.208.3.0/24`.
        public var network: String

        public init(id: String, name: String, params: JSONValue, version: String?, labels: [String: String], network: String) {
            self.id = id
            self.name = name
            self.params = params
            self.version = version
            self.labels = labels
            self.network = network
        }
    }

    public struct FlavorView: Codable, Hashable, Sendable {
        /// Millicores.
        public var cpu: Int64
        /// Bytes.
        public var memory: Int64
        /// Bytes.
        public var disk: Int64

        public init(cpu: Int64, memory: Int64, disk: Int64) {
            self.cpu = cpu
            self.memory = memory
            self.disk = disk
        }
    }

    public struct NodeView: Codable, Hashable, Sendable {
        public var id: String
        public var name: String
        public var group: String
        public var role: String
        public var ordinal: Int
        public var zone: String
        public var host: String
        public var address: String
        public var state: String
        public var flavor: FlavorView

        public init(
            id: String, name: String, group: String, role: String, ordinal: Int, zone: String, host: String, address: String,
            state: String, flavor: FlavorView
        ) {
            self.id = id
            self.name = name
            self.group = group
            self.role = role
            self.ordinal = ordinal
            self.zone = zone
            self.host = host
            self.address = address
            self.state = state
            self.flavor = flavor
        }
    }

    public struct EndpointView: Codable, Hashable, Sendable {
        public var name: String
        /// `host:port` where the tenant reaches it.
        public var addresses: [String]
        public var port: Int

        public init(name: String, addresses: [String], port: Int) {
            self.name = name
            self.addresses = addresses
            self.port = port
        }
    }

    public var v: Int
    public var operation: OperationView
    public var cluster: ClusterView
    public var nodes: [NodeView]
    public var endpoints: [EndpointView]
    /// The verb's own arguments.
    public var args: JSONValue

    public init(
        operation: OperationView, cluster: ClusterView, nodes: [NodeView], endpoints: [EndpointView], args: JSONValue = .object([:])
    ) {
        self.v = 1
        self.operation = operation
        self.cluster = cluster
        self.nodes = nodes
        self.endpoints = endpoints
        self.args = args
    }
}

/// What `validate` answers.
public struct ValidationResult: Codable, Hashable, Sendable {
    /// With defaults filled in; the form that is recorded.
    public var params: JSONValue
    public var warnings: [String]?

    public init(params: JSONValue, warnings: [String]? = nil) {
        self.params = params
        self.warnings = warnings
    }
}

/// What `plan` answers.
public struct ClusterPlan: Codable, Hashable, Sendable {
    public struct Group: Codable, Hashable, Sendable {
        public var name: String
        public var role: String
        public var count: Int
        public var flavor: String
        public var packages: [String]?
        public var batch: Int?
        public var spread: NodeGroup.Spread?
        public var disruption: Disruption?
        public var surge: Int?

        public init(
            name: String, role: String, count: Int, flavor: String, packages: [String]? = nil, batch: Int? = nil,
            spread: NodeGroup.Spread? = nil, disruption: Disruption? = nil, surge: Int? = nil
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

    /// How much of a group may be away at once.
    public struct Disruption: Codable, Hashable, Sendable {
        public var max_unavailable: Int?
        public var quorum: Bool?

        public init(maxUnavailable: Int? = nil, quorum: Bool? = nil) {
            self.max_unavailable = maxUnavailable
            self.quorum = quorum
        }
    }

    public struct PlannedEndpoint: Codable, Hashable, Sendable {
        public var name: String
        public var group: String
        public var port: Int
        public var expose: Endpoint.Exposure

        public init(name: String, group: String, port: Int, expose: Endpoint.Exposure) {
            self.name = name
            self.group = group
            self.port = port
            self.expose = expose
        }
    }

    public var groups: [Group]
    public var endpoints: [PlannedEndpoint]?
    public var version: String?

    public init(groups: [Group], endpoints: [PlannedEndpoint]? = nil, version: String? = nil) {
        self.groups = groups
        self.endpoints = endpoints
        self.version = version
    }
}

/// What `bootstrap` and `join` answer.
public struct JoinResult: Codable, Hashable, Sendable {
    /// Ids of the nodes that are members now.
    public var joined: [String]

    public init(joined: [String]) { self.joined = joined }
}

/// What `health` answers.
public struct HealthReport: Codable, Hashable, Sendable {
    public struct NodeReport: Codable, Hashable, Sendable {
        public enum State: String, Codable, Sendable { case ready, starting, draining, down, unknown }

        public var id: String
        public var state: State
        public var removable: Bool?
        public var removal_cost: Int?
        public var reason: String?

        public init(id: String, state: State, removable: Bool? = nil, removalCost: Int? = nil, reason: String? = nil) {
            self.id = id
            self.state = state
            self.removable = removable
            self.removal_cost = removalCost
            self.reason = reason
        }
    }

    public var health: Cluster.Health
    public var conditions: [Condition]?
    public var nodes: [NodeReport]?
    public var version: String?

    public init(health: Cluster.Health, conditions: [Condition]? = nil, nodes: [NodeReport]? = nil, version: String? = nil) {
        self.health = health
        self.conditions = conditions
        self.nodes = nodes
        self.version = version
    }
}

/// What `credentials` answers.
public struct IssuedCredentials: Codable, Hashable, Sendable {
    public var files: [String: String]
    public var env: [String: String]
    public var expires_at: Timestamp?

    public init(files: [String: String], env: [String: String], expiresAt: Timestamp? = nil) {
        self.files = files
        self.env = env
        self.expires_at = expiresAt
    }
}
