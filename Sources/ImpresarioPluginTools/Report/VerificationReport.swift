// SPDX-License-Identifier: Apache-2.0

/// What a verification found.
public struct VerificationReport: Codable, Hashable, Sendable {
    /// How one check ended.
    public enum Result: String, Codable, Sendable, CaseIterable {
        case passed
        /// Allowed, and likely not meant.
        case warning
        case failed
        /// It has no subject here; the message says why.
        case skipped
    }

    /// How good a plugin is; see docs/plugin-verify.md.
    public enum Grade: String, Codable, Sendable {
        /// Every check passed, on real nodes.
        case a = "A"
        /// No check failed; there are warnings, or the nodes were simulated.
        case b = "B"
        /// A check failed.
        case f = "F"
    }

    public struct Check: Codable, Hashable, Sendable {
        public var group: String
        public var name: String
        /// Of which cluster type; nil when the whole plugin is meant.
        public var type: String?
        public var result: Result
        public var milliseconds: Int
        public var message: String
        /// What would mend it.
        public var remedy: String?

        public init(
            group: String, name: String, type: String?, result: Result, milliseconds: Int, message: String, remedy: String? = nil
        ) {
            self.group = group
            self.name = name
            self.type = type
            self.result = result
            self.milliseconds = milliseconds
            self.message = message
            self.remedy = remedy
        }
    }

    public var plugin: String
    public var version: String
    public var sha256: String
    public var nodes: NodeKind
    /// Why the nodes are not real ones.
    public var obstacle: String?
    public var seed: UInt64
    public var checks: [Check]

    public var grade: Grade {
        if checks.contains(where: { $0.result == .failed }) { return .f }
        return nodes == .local && !checks.contains { $0.result == .warning } ? .a : .b
    }

    public func count(_ result: Result) -> Int { checks.count { $0.result == result } }

    private enum CodingKeys: String, CodingKey { case plugin, version, sha256, nodes, obstacle, seed, grade, checks }

    public init(
        plugin: String, version: String, sha256: String, nodes: NodeKind, obstacle: String?, seed: UInt64, checks: [Check]
    ) {
        self.plugin = plugin
        self.version = version
        self.sha256 = sha256
        self.nodes = nodes
        self.obstacle = obstacle
        self.seed = seed
        self.checks = checks
    }

    public init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: CodingKeys.self)
        plugin = try members.decode(String.self, forKey: .plugin)
        version = try members.decode(String.self, forKey: .version)
        sha256 = try members.decode(String.self, forKey: .sha256)
        nodes = try members.decode(NodeKind.self, forKey: .nodes)
        obstacle = try members.decodeIfPresent(String.self, forKey: .obstacle)
        seed = try members.decode(UInt64.self, forKey: .seed)
        checks = try members.decode([Check].self, forKey: .checks)
    }

    /// With the grade, which follows from the rest.
    public func encode(to encoder: any Encoder) throws {
        var members = encoder.container(keyedBy: CodingKeys.self)
        try members.encode(plugin, forKey: .plugin)
        try members.encode(version, forKey: .version)
        try members.encode(sha256, forKey: .sha256)
        try members.encode(nodes, forKey: .nodes)
        try members.encodeIfPresent(obstacle, forKey: .obstacle)
        try members.encode(seed, forKey: .seed)
        try members.encode(grade, forKey: .grade)
        try members.encode(checks, forKey: .checks)
    }
}

/// What the nodes of a verification are.
public enum NodeKind: String, Codable, Sendable {
    /// System containers of this machine.
    case local
    /// Values in memory that answer a few commands.
    case simulated
}
