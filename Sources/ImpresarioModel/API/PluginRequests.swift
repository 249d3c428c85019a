// SPDX-License-Identifier: Apache-2.0

/// `GET /v1/plugins/{plugin}`: all versions of one plugin and what is pinned to each.
public struct PluginDetail: Codable, Hashable, Sendable {
    /// A cluster and the version that manages it.
    public struct PinnedCluster: Codable, Hashable, Sendable {
        public var id: ID<Cluster>
        public var name: String
        public var tenant: String
        public var project: String
        public var pin: PluginPin

        public init(id: ID<Cluster>, name: String, tenant: String, project: String, pin: PluginPin) {
            self.id = id
            self.name = name
            self.tenant = tenant
            self.project = project
            self.pin = pin
        }
    }

    public var id: String
    /// Newest first.
    public var versions: [Plugin]
    public var clusters: [PinnedCluster]

    public init(id: String, versions: [Plugin], clusters: [PinnedCluster]) {
        self.id = id
        self.versions = versions
        self.clusters = clusters
    }
}

/// `POST /v1/plugins/{plugin}/enable`.
public struct EnablePlugin: RequestBody, Hashable {
    public static let members: Set = ["version", "approve"]
    /// A semantic version or the beginning of a hash; absent: the newest.
    public var version: String?
    /// Packages its plans may put on nodes. All that the manifest names must be here, or approved already for this plugin.
    public var approve: [String]?

    public init(version: String? = nil, approve: [String]? = nil) {
        self.version = version
        self.approve = approve
    }
}

/// `POST /v1/plugins/{plugin}/disable`, `…/lift`, `…/uninstall`.
public struct PluginVersion: RequestBody, Hashable {
    public static let members: Set = ["version"]
    /// A semantic version or the beginning of a hash; absent: the only one that the request can mean.
    public var version: String?

    public init(version: String? = nil) { self.version = version }
}

/// `POST /v1/plugins/{plugin}/quarantine`.
public struct QuarantinePlugin: RequestBody, Hashable {
    public static let members: Set = ["version", "reason"]
    public var version: String?
    public var reason: String

    public init(version: String? = nil, reason: String) {
        self.version = version
        self.reason = reason
    }
}

/// `POST /v1/plugins/{plugin}/upgrade`: enables another version for new clusters, if the shadow diff allows it.
public struct UpgradePlugin: RequestBody, Hashable {
    public static let members: Set = ["to", "approve", "accept", "dryRun"]
    /// A semantic version or the beginning of a hash; absent: the newest.
    public var to: String?
    public var approve: [String]?
    /// Goes on in spite of differences.
    public var accept: Bool?
    /// Only the shadow diff.
    public var dryRun: Bool?

    public init(to: String? = nil, approve: [String]? = nil, accept: Bool? = nil, dryRun: Bool? = nil) {
        self.to = to
        self.approve = approve
        self.accept = accept
        self.dryRun = dryRun
    }
}

/// What another version would plan for each live cluster, from the recorded input of its plan.
public struct ShadowReport: Codable, Hashable, Sendable {
    public struct Difference: Codable, Hashable, Sendable {
        /// JSON pointer into the plan.
        public var at: String
        public var old: JSONValue?
        public var new: JSONValue?

        public init(at: String, old: JSONValue?, new: JSONValue?) {
            self.at = at
            self.old = old
            self.new = new
        }
    }

    public struct ClusterShadow: Codable, Hashable, Sendable {
        public var cluster: PluginDetail.PinnedCluster
        /// From the recorded plan to the new version's.
        public var differences: [Difference]
        /// Between the new version's two answers to the same input; empty when it is deterministic.
        public var nondeterminism: [Difference]
        /// Why the new version gave no plan.
        public var problem: Problem?

        public init(
            cluster: PluginDetail.PinnedCluster, differences: [Difference], nondeterminism: [Difference], problem: Problem? = nil
        ) {
            self.cluster = cluster
            self.differences = differences
            self.nondeterminism = nondeterminism
            self.problem = problem
        }

        public var isClean: Bool { differences.isEmpty && nondeterminism.isEmpty && problem == nil }
    }

    public var plugin: String
    public var to: PluginPin
    public var clusters: [ClusterShadow]
    /// Whether the version is enabled now.
    public var enabled: Bool

    public init(plugin: String, to: PluginPin, clusters: [ClusterShadow], enabled: Bool) {
        self.plugin = plugin
        self.to = to
        self.clusters = clusters
        self.enabled = enabled
    }

    public var isClean: Bool { clusters.allSatisfy(\.isClean) }
}

/// `POST /v1/plugins/{plugin}/move` and `…/rollback`: which clusters change their pin. Exactly one of `cluster`, `project` with `tenant`, `all`.
public struct MovePins: RequestBody, Hashable {
    public static let members: Set = ["to", "tenant", "project", "cluster", "all"]
    /// A semantic version or the beginning of a hash; absent: the enabled version. Rolling back knows by itself.
    public var to: String?
    public var tenant: String?
    public var project: String?
    /// By name, with `tenant` and `project`.
    public var cluster: String?
    public var all: Bool?

    public init(to: String? = nil, tenant: String? = nil, project: String? = nil, cluster: String? = nil, all: Bool? = nil) {
        self.to = to
        self.tenant = tenant
        self.project = project
        self.cluster = cluster
        self.all = all
    }
}

/// What became of each cluster that was asked to move.
public struct PinMoves: Codable, Hashable, Sendable {
    public struct Move: Codable, Hashable, Sendable {
        public var cluster: PluginDetail.PinnedCluster
        /// The operation that moves it; absent when it was refused or is there already.
        public var operation: ID<Operation>?
        public var problem: Problem?

        public init(cluster: PluginDetail.PinnedCluster, operation: ID<Operation>? = nil, problem: Problem? = nil) {
            self.cluster = cluster
            self.operation = operation
            self.problem = problem
        }
    }

    public var moves: [Move]

    public init(moves: [Move]) { self.moves = moves }
}
