// SPDX-License-Identifier: Apache-2.0

/// Until when a cluster may live, and what becomes of it then.
public struct Lease: Codable, Hashable, Sendable {
    public enum Ending: String, Codable, Sendable, CaseIterable {
        /// Nodes are stopped; disks, addresses and data stay.
        case hibernate
        case delete
    }

    public var expiresAt: Timestamp
    public var ending: Ending
    /// When its owner was last told that the end is near; nil: not yet, or extended since.
    public var warnedAt: Timestamp?

    public init(expiresAt: Timestamp, ending: Ending, warnedAt: Timestamp? = nil) {
        self.expiresAt = expiresAt
        self.ending = ending
        self.warnedAt = warnedAt
    }
}

/// What leases a project allows. Times in seconds.
public struct LeasePolicy: Codable, Hashable, Sendable {
    /// For clusters that ask for none; nil: they live until deleted, unless there is a maximum.
    public var `default`: Int64?
    /// From now on, whenever a lease is asked for or extended; nil: no bound.
    public var maximum: Int64?
    /// For clusters that do not say.
    public var ending: Lease.Ending

    public init(default: Int64? = nil, maximum: Int64? = nil, ending: Lease.Ending = .delete) {
        self.default = `default`
        self.maximum = maximum
        self.ending = ending
    }

    /// For people.
    public var words: String {
        if `default` == nil && maximum == nil { return "none asked for, none bounded" }
        func text(_ seconds: Int64?) -> String { seconds.map { DurationText.format(seconds: $0) } ?? "none" }
        return "default \(text(`default` ?? maximum)), maximum \(text(maximum)), then \(ending.rawValue)"
    }
}
