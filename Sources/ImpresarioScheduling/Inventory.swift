// SPDX-License-Identifier: Apache-2.0

public import ImpresarioModel

/// What placement may choose from: zones, hosts and what is promised on them. Derived from records, never stored.
public struct Inventory: Sendable, Hashable {
    public struct HostSpace: Sendable, Hashable {
        public var host: Host
        public var used: ResourceVector

        public init(host: Host, used: ResourceVector) {
            self.host = host
            self.used = used
        }

        public var free: ResourceVector { host.allocatable.subtracting(used) }
    }

    public var zones: [String: Zone]
    /// Sorted by name, so that equal inventories give equal placements.
    public var hosts: [HostSpace]
    /// The tenants that have a node in a zone.
    public var tenantsByZone: [String: Set<ID<Tenant>>]

    public init(zones: [Zone], hosts: [Host], clusters: some Sequence<Cluster>, tombstones: some Sequence<Tombstone> = []) {
        self.zones = Dictionary(zones.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        var used: [String: ResourceVector] = [:]
        var tenants: [String: Set<ID<Tenant>>] = [:]
        // What is promised was checked against overflow when it was promised.
        func take(_ resources: ResourceVector, of host: String) {
            used[host] = (try? (used[host] ?? ResourceVector()).adding(resources)) ?? used[host]
        }
        for cluster in clusters {
            for node in cluster.nodes {
                take(cluster.occupied(by: node), of: node.host)
                tenants[node.zone, default: []].insert(cluster.tenant)
            }
        }
        for tombstone in tombstones {
            take(tombstone.resources, of: tombstone.host)
            tenants[tombstone.zone, default: []].insert(tombstone.tenant)
        }
        self.hosts = hosts.sorted { $0.name < $1.name }.map { HostSpace(host: $0, used: used[$0.name] ?? ResourceVector()) }
        tenantsByZone = tenants
    }
}
