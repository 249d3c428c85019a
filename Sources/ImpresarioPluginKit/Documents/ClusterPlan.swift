// SPDX-License-Identifier: Apache-2.0

/// What ``ClusterType/validate(_:)`` answers.
public struct ValidationResult: Codable, Hashable, Sendable {
    /// The parameters with defaults filled in: what is recorded and shown to every later call.
    public var params: JSONValue
    /// For the tenant; the cluster is made all the same.
    public var warnings: [String]?

    /// An answer.
    public init(params: JSONValue, warnings: [String]? = nil) {
        self.params = params
        self.warnings = warnings
    }

    /// An answer whose parameters are a value of the plugin's own.
    ///
    /// - Throws: `EncodingError` for what JSON cannot hold.
    public init(encoding params: some Encodable, warnings: [String]? = nil) throws {
        self.init(params: try JSONValue(encoding: params), warnings: warnings)
    }
}

/// What ``ClusterType/plan(_:)`` answers: the nodes that the core shall make and the ports that tenants shall reach.
public struct ClusterPlan: Codable, Hashable, Sendable {
    /// How nodes of a group shall lie.
    public struct Spread: Codable, Hashable, Sendable {
        /// What is to differ between the nodes.
        public enum Domain: String, Codable, Sendable { case host, zone }
        /// Whether the request is refused when it cannot be had.
        public enum Mode: String, Codable, Sendable { case require, prefer }
        /// What is to differ.
        public var by: Domain
        /// How much it matters.
        public var mode: Mode

        /// A wish.
        public init(by: Domain, mode: Mode) {
            self.by = by
            self.mode = mode
        }
    }

    /// How much of a group may be away while nodes are repaired, moved or upgraded.
    public struct Disruption: Codable, Hashable, Sendable {
        /// How many nodes may be away at once; nil: one.
        public var maxUnavailable: Int?
        /// Whether the nodes vote, so that more than half must stay; nil: no.
        public var quorum: Bool?

        private enum CodingKeys: String, CodingKey {
            case maxUnavailable = "max_unavailable"
            case quorum
        }

        /// What the group bears.
        public init(maxUnavailable: Int? = nil, quorum: Bool? = nil) {
            self.maxUnavailable = maxUnavailable
            self.quorum = quorum
        }
    }

    /// Nodes of one role and size.
    public struct Group: Codable, Hashable, Sendable {
        /// A DNS label.
        public var name: String
        /// Shown in ``Node/role``.
        public var role: String
        /// How many nodes.
        public var count: Int
        /// The name of a node size that the admin made.
        public var flavor: String
        /// Debian packages, each listed in ``Plugin/packages``. Their post-install scripts do not run.
        public var packages: [String]?
        /// How many may join at once; 1 for members of a quorum.
        public var batch: Int?
        /// How they shall lie.
        public var spread: Spread?
        /// How much of the group may be away at once.
        public var disruption: Disruption?
        /// Nodes that may exist beyond ``count`` during an upgrade; they count in the tenant's quota all the time.
        public var surge: Int?

        /// A group.
        public init(
            name: String, role: String, count: Int, flavor: String, packages: [String]? = nil, batch: Int? = nil, spread: Spread? = nil,
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

    /// A port of a group's nodes.
    public struct PlannedEndpoint: Codable, Hashable, Sendable {
        /// From where it is reached.
        public enum Exposure: String, Codable, Sendable {
            /// Where tenants are.
            case tenant
            /// Within the project's network only.
            case cluster
        }

        /// A DNS label.
        public var name: String
        /// The group whose nodes answer.
        public var group: String
        /// On the node.
        public var port: Int
        /// From where it is reached.
        public var expose: Exposure

        /// An endpoint.
        public init(name: String, group: String, port: Int, expose: Exposure) {
            self.name = name
            self.group = group
            self.port = port
            self.expose = expose
        }
    }

    /// The nodes.
    public var groups: [Group]
    /// The ports.
    public var endpoints: [PlannedEndpoint]?
    /// The engine's version, if it is known before it runs; otherwise ``HealthReport/version`` tells.
    public var version: String?

    /// A plan.
    public init(groups: [Group], endpoints: [PlannedEndpoint]? = nil, version: String? = nil) {
        self.groups = groups
        self.endpoints = endpoints
        self.version = version
    }
}
