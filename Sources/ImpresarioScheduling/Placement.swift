// SPDX-License-Identifier: Apache-2.0

public import ImpresarioModel

/// Gang placement: every node of a request gets a host, or none does.
///
/// Pure and deterministic. Hard: host state, zones of the tenant, trust, capacity in every dimension a host lists, `spread: require`.
/// Soft, in this order: fewest nodes of the same group in the spread domain, then the tightest fit on the scarcest dimension, then the name.
public enum Placement {
    /// One node that wants a host.
    public struct Item: Sendable, Hashable {
        public var group: String
        public var resources: ResourceVector
        public var spread: NodeGroup.Spread?

        public init(group: String, resources: ResourceVector, spread: NodeGroup.Spread?) {
            self.group = group
            self.resources = resources
            self.spread = spread
        }
    }

    /// A node that is there already: those of its group that are placed now keep away from it.
    public struct Neighbour: Sendable, Hashable {
        public var group: String
        public var host: String
        public var zone: String

        public init(group: String, host: String, zone: String) {
            self.group = group
            self.host = host
            self.zone = zone
        }
    }

    public struct Request: Sendable, Hashable {
        public var tenant: ID<Tenant>
        /// Nil: every zone.
        public var zones: [String]?
        public var items: [Item]
        public var neighbours: [Neighbour]
        /// Hosts that are not wanted, whatever room they have.
        public var avoiding: Set<String>

        public init(
            tenant: ID<Tenant>, zones: [String]?, items: [Item], neighbours: [Neighbour] = [], avoiding: Set<String> = []
        ) {
            self.tenant = tenant
            self.zones = zones
            self.items = items
            self.neighbours = neighbours
            self.avoiding = avoiding
        }
    }

    public struct Assignment: Sendable, Hashable {
        public var host: String
        public var zone: String
    }

    /// Why a host was out, in the order in which the reasons are tried.
    public enum Exclusion: Hashable, Sendable, Comparable {
        case notReady
        case unreachable
        case avoided
        case zoneNotAllowed
        case zoneNotShared
        case lacks(String)
        case spread

        public var words: String {
            switch self {
            case .notReady: "not ready"
            case .unreachable: "not answering"
            case .avoided: "the one to leave"
            case .zoneNotAllowed: "outside the tenant's zones"
            case .zoneNotShared: "in a zone kept for one tenant"
            case .lacks(let key): "short of \(key)"
            case .spread: "taken by another node of the group"
            }
        }
    }

    /// Counted on the way, so that a "no" always comes with its reasons.
    public struct Refusal: Error, Sendable, Hashable {
        public var item: Item
        /// How many nodes of the request found a place before this one.
        public var placed: Int
        public var hosts: Int
        public var excluded: [Exclusion: Int]

        public var message: String {
            let reasons = excluded.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key.words)" }.joined(separator: ", ")
            let counted = hosts == 1 ? "1 host" : "\(hosts) hosts"
            return hosts == 0
                ? "There is no host to place nodes on."
                : "No host fits a node of group '\(item.group)' (\(item.resources)) after \(placed) were placed: of \(counted), \(reasons)."
        }

        public var isOnlyTrust: Bool { hosts > 0 && excluded[.zoneNotShared] == hosts }
    }

    /// - Returns: an assignment for each item, in the order of the items.
    public static func place(_ request: Request, in inventory: Inventory) -> Result<[Assignment], Refusal> {
        var spaces = inventory.hosts
        var assignments = [Assignment?](repeating: nil, count: request.items.count)
        var taken: [String: [String: Int]] = [:]
        for neighbour in request.neighbours {
            taken[neighbour.group, default: [:]]["host/" + neighbour.host, default: 0] += 1
            taken[neighbour.group, default: [:]]["zone/" + neighbour.zone, default: 0] += 1
        }

        // The largest first: a small node fits beside a large one more often than the other way round.
        let order = request.items.indices.sorted { left, right in
            let (a, b) = (request.items[left].resources, request.items[right].resources)
            for key in [ResourceVector.memory, ResourceVector.cpu, ResourceVector.disk] where a[key] != b[key] {
                return a[key] > b[key]
            }
            return left < right
        }
        for (placed, index) in order.enumerated() {
            let item = request.items[index]
            func domain(of space: Inventory.HostSpace) -> String {
                item.spread?.by == .zone ? "zone/" + space.host.zone : "host/" + space.host.name
            }
            var excluded: [Exclusion: Int] = [:]
            var best: (index: Int, crowd: Int, slack: Double)?
            for (candidate, space) in spaces.enumerated() {
                let crowd = taken[item.group]?[domain(of: space)] ?? 0
                if let reason = exclusion(of: space, for: item, request: request, inventory: inventory, crowd: crowd) {
                    excluded[reason, default: 0] += 1
                    continue
                }
                let rank = (crowd: item.spread == nil ? 0 : crowd, slack: slack(of: space, after: item))
                if let current = best, (current.crowd, current.slack) <= (rank.crowd, rank.slack) { continue }
                best = (candidate, rank.crowd, rank.slack)
            }
            guard let best else {
                return .failure(Refusal(item: item, placed: placed, hosts: spaces.count, excluded: excluded))
            }
            let space = spaces[best.index]
            assignments[index] = Assignment(host: space.host.name, zone: space.host.zone)
            taken[item.group, default: [:]][domain(of: space), default: 0] += 1
            spaces[best.index].used = (try? space.used.adding(item.resources)) ?? space.used
        }
        return .success(assignments.compactMap(\.self))
    }

    private static func exclusion(
        of space: Inventory.HostSpace, for item: Item, request: Request, inventory: Inventory, crowd: Int
    ) -> Exclusion? {
        let host = space.host
        if host.state != .ready { return .notReady }
        if host.unreachableSince != nil { return .unreachable }
        if request.avoiding.contains(host.name) { return .avoided }
        if let zones = request.zones, !zones.contains(host.zone) { return .zoneNotAllowed }
        if inventory.zones[host.zone]?.trust != .shared,
            let tenants = inventory.tenantsByZone[host.zone], tenants.contains(where: { $0 != request.tenant })
        {
            return .zoneNotShared
        }
        let free = space.free
        // A key that no host lists (a licence, say) is charged to quota and takes no room.
        if let key = item.resources.keys.first(where: { host.capacity.amounts[$0] != nil && item.resources[$0] > free[$0] }) {
            return .lacks(key)
        }
        if item.spread?.mode == .require, crowd > 0 { return .spread }
        return nil
    }

    /// What stays free on the scarcest dimension, as a share of what may be promised.
    private static func slack(of space: Inventory.HostSpace, after item: Item) -> Double {
        let allocatable = space.host.allocatable
        let free = space.free.subtracting(item.resources)
        return allocatable.amounts.map { Double(free[$0.key]) / Double($0.value) }.min() ?? 0
    }
}
