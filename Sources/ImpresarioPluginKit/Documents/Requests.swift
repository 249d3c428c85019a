// SPDX-License-Identifier: Apache-2.0

/// What ``ClusterType/bootstrap(_:)`` and ``ClusterType/join(_:_:)`` answer.
public struct JoinResult: Codable, Hashable, Sendable {
    /// Ids of the nodes that are members now.
    public var joined: [String]

    /// An answer.
    public init(joined: [String]) { self.joined = joined }
}

/// The arguments of ``ClusterType/leave(_:_:)``.
public struct LeaveRequest: Sendable {
    /// Those that leave.
    public var nodes: [Node]
    /// They do not answer any more: only the survivors can be worked on.
    public var isLost: Bool
    /// How long work may take to move away.
    public var drainTime: Duration?
    /// Those that take their place, members already; empty when the cluster gets smaller.
    public var replacements: [Node]

    /// A request as a test needs it.
    public init(nodes: [Node], isLost: Bool = false, drainTime: Duration? = nil, replacements: [Node] = []) {
        self.nodes = nodes
        self.isLost = isLost
        self.drainTime = drainTime
        self.replacements = replacements
    }
}

/// The arguments of ``Upgradable/upgrade(_:_:)``.
public struct UpgradeRequest: Sendable {
    /// In this order, `nodes` as often as it takes.
    public enum Phase: String, Decodable, Sendable { case prepare, nodes, finish }

    /// Where the upgrade is.
    public var phase: Phase
    /// Those that are to be upgraded where they are now; empty in the other phases.
    public var nodes: [Node]
    /// The engine's version that is wanted, as the plan said it.
    public var version: String

    /// A request as a test needs it.
    public init(phase: Phase, nodes: [Node] = [], version: String) {
        self.phase = phase
        self.nodes = nodes
        self.version = version
    }
}

/// The arguments of ``ClusterType/credentials(_:_:)``.
public struct CredentialsRequest: Sendable {
    /// The binding's id, for ``ClusterType/revoke(_:binding:)``.
    public var binding: String
    /// As the type's binding schema lists them.
    public var role: String?
    /// How long they shall last.
    public var ttl: Duration?

    /// A request as a test needs it.
    public init(binding: String, role: String? = nil, ttl: Duration? = nil) {
        self.binding = binding
        self.role = role
        self.ttl = ttl
    }
}

/// What ``ClusterType/credentials(_:_:)`` answers: what the engine's own client needs.
public struct Credentials: Codable, Hashable, Sendable {
    enum CodingKeys: String, CodingKey {
        case files, env
        case expiresAt = "expires_at"
    }

    /// File name (no folders) to content.
    public var files: [String: String]
    /// Environment; `${dir}` stands for the folder the files are written to.
    public var env: [String: String]
    /// RFC 3339, such as `2026-01-31T12:00:00Z`.
    public var expiresAt: String?

    /// Credentials.
    public init(files: [String: String], env: [String: String], expiresAt: String? = nil) {
        self.files = files
        self.env = env
        self.expiresAt = expiresAt
    }
}

/// How the arguments of verbs look in the document.
enum Arguments {
    struct Nodes: Decodable { var nodes: [String] }

    struct Leave: Decodable {
        var nodes: [String]
        var lost: Bool?
        /// Seconds.
        var drain_deadline: Double?
        var replaced_by: [String]?
    }

    struct Upgrade: Decodable {
        var phase: UpgradeRequest.Phase
        var nodes: [String]
        var to: String
    }

    struct Binding: Decodable {
        var binding: String
        var role: String?
        /// Seconds.
        var ttl: Double?
    }

    struct Change: Decodable {
        var old: JSONValue
        var new: JSONValue
    }

    struct Migration: Decodable {
        var from: Int
        var to: Int
    }
}
