// SPDX-License-Identifier: Apache-2.0

/// Work on one cluster, made of steps that may be repeated. Two operations never write one cluster at once.
public struct Operation: Codable, Hashable, Sendable {
    public enum Kind: String, Codable, Sendable, CaseIterable {
        case create, hibernate, wake, delete, custom
        /// Nodes are added and removed, or parameters changed, with the engine's version as it is.
        case resize
        /// The engine goes to another version, node by node.
        case upgrade
        /// A lost node is replaced by one of the same name.
        case repair
        /// Nodes are replaced elsewhere while the cluster works: their host is being drained.
        case replace
        /// The cluster is handed to another version of its plugin.
        case move
        /// The cluster goes back to the version it was moved from, with the state it had then.
        case rollback

        /// The cluster works on as if nothing happened: whoever wants to write waits for the end, which is near.
        public var isUnnoticed: Bool { self == .move || self == .rollback }

        /// It makes a cluster that works another one; when it fails, what works goes on working.
        public var isChange: Bool { self == .resize || self == .upgrade }

        /// Nodes of a cluster that works are put in place of others; when it fails, what works goes on working.
        public var isMending: Bool { self == .repair || self == .replace }

        /// When it fails, the cluster is one that works as it did before.
        public var leavesWorking: Bool { isChange || isMending }
    }

    /// What a move or a rollback changes.
    public struct PinChange: Codable, Hashable, Sendable {
        public var from: PluginPin
        public var to: PluginPin
        /// How the cluster was before; it must not be worse after.
        public var health: Cluster.Health
        /// The move whose copy of state and secrets a rollback goes back to.
        public var snapshot: ID<Operation>?

        public init(from: PluginPin, to: PluginPin, health: Cluster.Health, snapshot: ID<Operation>? = nil) {
            self.from = from
            self.to = to
            self.health = health
            self.snapshot = snapshot
        }
    }

    /// What a resize or an upgrade changes; the cluster record has the new values from its admission on.
    public struct Change: Codable, Hashable, Sendable {
        /// As they were before.
        public var parameters: JSONValue
        public var groups: [NodeGroup]
        public var version: String?
        /// It must not be worse after.
        public var health: Cluster.Health?

        public init(parameters: JSONValue, groups: [NodeGroup], version: String?, health: Cluster.Health? = nil) {
            self.parameters = parameters
            self.groups = groups
            self.version = version
            self.health = health
        }
    }

    /// What becomes of a cluster whose creation did not succeed.
    public enum Aftermath: String, Codable, Sendable, CaseIterable {
        /// It stays as it is, `failed`: to be looked at, retried or deleted.
        case keep
        case delete
    }

    public enum State: String, Codable, Sendable {
        /// Admitted to the line and to nothing else: it runs when there is room.
        case queued
        case running, succeeded, failed, cancelled

        public var isFinal: Bool { self != .running && self != .queued }
    }

    public var id: ID<Operation>
    public var kind: Kind
    public var cluster: ID<Cluster>
    public var clusterName: String
    public var tenant: ID<Tenant>
    public var project: ID<Project>
    public var requestedBy: String
    public var state: State
    public var steps: [Step]
    /// Of a move or a rollback.
    public var pins: PinChange?
    /// Of a create; nil: keep.
    public var onFailure: Aftermath?
    /// Of a resize or an upgrade.
    public var change: Change?
    /// Of a repair or a replacement: the nodes that go. Of an upgrade: those that are still to be upgraded.
    public var nodes: [ID<Node>]?
    public var problem: Problem?
    public var createdAt: Timestamp
    public var finishedAt: Timestamp?

    public init(
        id: ID<Operation>, kind: Kind, cluster: ID<Cluster>, clusterName: String, tenant: ID<Tenant>, project: ID<Project>,
        requestedBy: String, state: State = .running, steps: [Step], pins: PinChange? = nil, onFailure: Aftermath? = nil,
        change: Change? = nil, nodes: [ID<Node>]? = nil, problem: Problem? = nil, createdAt: Timestamp, finishedAt: Timestamp? = nil
    ) {
        self.id = id
        self.kind = kind
        self.cluster = cluster
        self.clusterName = clusterName
        self.tenant = tenant
        self.project = project
        self.requestedBy = requestedBy
        self.state = state
        self.steps = steps
        self.pins = pins
        self.onFailure = onFailure
        self.change = change
        self.nodes = nodes
        self.problem = problem
        self.createdAt = createdAt
        self.finishedAt = finishedAt
    }

    /// 0 to 10000, each step counting alike.
    public var progress: Int {
        guard !steps.isEmpty else { return state == .succeeded ? 10_000 : 0 }
        return steps.reduce(0) { $0 + ($1.state == .done ? 10_000 : $1.progress) } / steps.count
    }
}

/// One idempotent part of an operation.
public struct Step: Codable, Hashable, Sendable {
    public enum State: String, Codable, Sendable {
        case pending, running, done, failed, skipped
    }

    public var name: String
    public var state: State
    /// How often it was begun; also what fences a node's commands of an earlier attempt.
    public var attempts: Int
    /// 0 to 10000.
    public var progress: Int
    /// What it is at, in words.
    public var phase: String?
    public var startedAt: Timestamp?
    public var finishedAt: Timestamp?
    /// When the step fails if it has not ended; set when it is begun first.
    public var deadline: Timestamp?
    /// The last failure, also while it is being retried.
    public var problem: Problem?

    public init(
        name: String, state: State = .pending, attempts: Int = 0, progress: Int = 0, phase: String? = nil,
        startedAt: Timestamp? = nil, finishedAt: Timestamp? = nil, deadline: Timestamp? = nil, problem: Problem? = nil
    ) {
        self.name = name
        self.state = state
        self.attempts = attempts
        self.progress = progress
        self.phase = phase
        self.startedAt = startedAt
        self.finishedAt = finishedAt
        self.deadline = deadline
        self.problem = problem
    }
}
