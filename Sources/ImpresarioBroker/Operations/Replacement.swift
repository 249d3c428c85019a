// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel
import ImpresarioScheduling

/// The decision which nodes take the place of others: for a repair, a drain or the surge of an upgrade.
///
/// Pure: the same snapshot gives the same nodes but for their ids. The new ones are on record, `planned` and with ``Node/replaces``, from the
/// commit that rests on this decision; they are not charged while those that they replace are there.
struct Replacement {
    enum Occasion {
        /// The old one is dead. The new one has its name and ordinal; and its host, if that still takes nodes, whose room is then handed over.
        case loss
        /// Both live until the old one has left: the new one has the next free ordinal of its group.
        case handover
    }

    let snapshot: Snapshot
    let ids: IdentifierSource

    /// A new node for each of `nodes`, in their order.
    ///
    /// - Parameter avoiding: hosts that must not be chosen, beside those that take no nodes.
    /// - Throws: `no-capacity`, `zone-not-shared`, `no-addresses`.
    func replace(
        _ nodes: [Node], of cluster: Cluster, on occasion: Occasion, avoiding: Set<String> = []
    ) throws(Problem) -> [Node] {
        guard let tenant = snapshot.tenants[Keys.tenant(cluster.tenantName)]?.value, let project = snapshot.project(of: cluster)?.value
        else {
            throw Problem(.internal, "The cluster's project is gone.")
        }
        var places = [(host: String, zone: String)?](repeating: nil, count: nodes.count)
        if occasion == .loss {
            for (index, node) in nodes.enumerated() where isOpen(node.host, to: tenant) && !avoiding.contains(node.host) {
                places[index] = (node.host, node.zone)
            }
        }
        let homeless = nodes.indices.filter { places[$0] == nil }
        let gone = Set(nodes.map(\.id))
        let staying = cluster.nodes.filter { !gone.contains($0.id) && $0.state != .lost && $0.state != .leaving }
        let request = Placement.Request(
            tenant: tenant.id, zones: tenant.zones,
            items: homeless.map { index in
                let node = nodes[index]
                return Placement.Item(
                    group: node.group, resources: node.resources, spread: cluster.groups.first { $0.name == node.group }?.spread)
            },
            neighbours: staying.map { .init(group: $0.group, host: $0.host, zone: $0.zone) }
                + nodes.indices.compactMap { index in
                    places[index].map { .init(group: nodes[index].group, host: $0.host, zone: $0.zone) }
                }, avoiding: avoiding)
        switch Placement.place(request, in: snapshot.inventory) {
        case .success(let assignments):
            for (index, assignment) in zip(homeless, assignments) { places[index] = (assignment.host, assignment.zone) }
        case .failure(let refusal): throw refusal.problem
        }

        let addresses = try snapshot.freeAddresses(nodes.count, in: project)
        var ordinals = Dictionary(grouping: cluster.nodes, by: \.group).mapValues { Set($0.map(\.ordinal)) }
        var made: [Node] = []
        for (index, node) in nodes.enumerated() {
            guard let place = places[index] else { continue }
            var ordinal = node.ordinal
            if occasion == .handover {
                ordinal = (0...).first { ordinals[node.group]?.contains($0) != true } ?? ordinal
                ordinals[node.group, default: []].insert(ordinal)
            }
            made.append(
                Node(
                    id: ids.draw(prefix: "n"), name: Admission.nodeName(cluster.name, node.group, ordinal), group: node.group,
                    ordinal: ordinal, flavor: node.flavor, resources: node.resources, zone: place.zone, host: place.host,
                    address: addresses[index], replaces: node.id))
        }
        return made
    }

    private func isOpen(_ host: String, to tenant: Tenant) -> Bool {
        guard let host = snapshot.hosts[Keys.host(host)]?.value else { return false }
        return host.state == .ready && host.unreachableSince == nil && tenant.zones?.contains(host.zone) != false
    }
}
