// SPDX-License-Identifier: Apache-2.0

/// A named node size.
public struct Flavor: Codable, Hashable, Sendable {
    public var name: String
    /// What one node of it costs and gets: `cpu`, `memory`, `disk`, and any invented key (charged, not given).
    public var resources: ResourceVector
    /// Of one node for one hour; nil: it costs nothing.
    public var hourlyPrice: Price?
    public var createdAt: Timestamp

    public init(name: String, resources: ResourceVector, hourlyPrice: Price? = nil, createdAt: Timestamp) {
        self.name = name
        self.resources = resources
        self.hourlyPrice = hourlyPrice
        self.createdAt = createdAt
    }
}

/// A failure domain, and a domain of trust.
public struct Zone: Codable, Hashable, Sendable {
    /// System containers share a kernel, which is no boundary against a hostile root in a node.
    public enum Trust: String, Codable, Sendable {
        /// One tenant only: the first one placed here keeps it until its last cluster is gone.
        case single
        /// Tenants trust each other's root users.
        case shared
    }

    public var name: String
    public var trust: Trust
    /// Whether nodes may open connections to the world outside (source NAT).
    public var allowsEgress: Bool
    public var createdAt: Timestamp

    public init(name: String, trust: Trust, allowsEgress: Bool, createdAt: Timestamp) {
        self.name = name
        self.trust = trust
        self.allowsEgress = allowsEgress
        self.createdAt = createdAt
    }
}

/// A machine that carries nodes.
public struct Host: Codable, Hashable, Sendable {
    /// What its admin wants of it. Whether it answers stands in `unreachableSince`.
    public enum State: String, Codable, Sendable {
        case ready
        /// No new nodes; what runs stays.
        case cordoned
        /// No new nodes; what runs is replaced elsewhere.
        case draining
    }

    public var name: String
    public var zone: String
    /// The driver that makes nodes here, such as `local`.
    public var driver: String
    public var state: State
    /// Since when its driver does not answer; nil: it does.
    public var unreachableSince: Timestamp?
    /// What the machine has.
    public var capacity: ResourceVector
    /// What may be promised, as a multiple of capacity by key, in hundredths: `{"cpu": 400}` promises four times the cores. 100 where absent.
    public var overcommit: [String: Int]
    public var labels: [String: String]
    public var createdAt: Timestamp

    public init(
        name: String, zone: String, driver: String, state: State, unreachableSince: Timestamp? = nil, capacity: ResourceVector,
        overcommit: [String: Int], labels: [String: String], createdAt: Timestamp
    ) {
        self.name = name
        self.zone = zone
        self.driver = driver
        self.state = state
        self.unreachableSince = unreachableSince
        self.capacity = capacity
        self.overcommit = overcommit
        self.labels = labels
        self.createdAt = createdAt
    }

    /// Capacity times overcommit: what placements may add up to.
    public var allocatable: ResourceVector {
        var result = ResourceVector()
        for (key, amount) in capacity.amounts {
            let factor = Int64(overcommit[key] ?? 100)
            let (product, overflow) = amount.multipliedReportingOverflow(by: factor)
            result[key] = overflow ? amount / 100 * factor : product / 100
        }
        return result
    }
}
