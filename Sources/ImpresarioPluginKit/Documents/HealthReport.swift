// SPDX-License-Identifier: Apache-2.0

/// What ``ClusterType/health(_:)`` answers.
public struct HealthReport: Codable, Hashable, Sendable {
    /// Of the cluster as a whole.
    public enum Health: String, Codable, Sendable {
        case unknown, healthy
        /// It works, but something of it does not.
        case degraded
        /// It does not do its work.
        case unhealthy
    }

    /// A fact that the cluster's owner should know.
    public struct Condition: Codable, Hashable, Sendable {
        /// How much it matters.
        public enum Severity: String, Codable, Sendable { case info, warning, error }
        /// CamelCase, stable.
        public var type: String
        /// How much it matters.
        public var severity: Severity
        /// What is so, and what would do.
        public var message: String

        /// A condition.
        public init(type: String, severity: Severity, message: String) {
            self.type = type
            self.severity = severity
            self.message = message
        }
    }

    /// One node as the engine sees it.
    public struct NodeReport: Codable, Hashable, Sendable {
        /// As a member.
        public enum State: String, Codable, Sendable { case ready, starting, draining, down, unknown }

        enum CodingKeys: String, CodingKey {
            case id, state, removable, reason
            case removalCost = "removal_cost"
        }

        /// The node's.
        public var id: String
        /// As a member.
        public var state: State
        /// Whether the cluster goes on without it.
        public var removable: Bool?
        /// Of two removable nodes the one with the lower cost goes first.
        public var removalCost: Int?
        /// Why it is not ready or not removable.
        public var reason: String?

        /// A report.
        public init(id: String, state: State, removable: Bool? = nil, removalCost: Int? = nil, reason: String? = nil) {
            self.id = id
            self.state = state
            self.removable = removable
            self.removalCost = removalCost
            self.reason = reason
        }
    }

    /// Of the cluster as a whole.
    public var health: Health
    /// Facts that the owner should know.
    public var conditions: [Condition]?
    /// One entry for each node of the document.
    public var nodes: [NodeReport]?
    /// The engine's version.
    public var version: String?

    /// A report.
    public init(health: Health, conditions: [Condition]? = nil, nodes: [NodeReport]? = nil, version: String? = nil) {
        self.health = health
        self.conditions = conditions
        self.nodes = nodes
        self.version = version
    }
}
