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

        /// A group.
        public init(
            name: String, role: String, count: Int, flavor: String, packages: [String]? = nil, batch: Int? = nil, spread: Spread? = nil
        ) {
            self.name = name
            self.role = role
            self.count = count
            self.flavor = flavor
            self.packages = packages
            self.batch = batch
            self.spread = spread
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
