// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel
import ImpresarioScheduling

/// Whether a hibernated cluster may have its cpu and memory back: by its limits, and on the very hosts where its disks are.
struct WakeCheck {
    let snapshot: Snapshot

    /// - Returns: a line for each level, as an admission has them.
    @discardableResult
    func check(_ cluster: Cluster, tenant: Tenant, project: Project) throws(Problem) -> [DryRun.Level] {
        var awake = cluster
        awake.phase = .updating
        let quota = try QuotaCheck(snapshot: snapshot).check(
            awake.use().subtracting(try cluster.use()), tenant: tenant, project: project)
        var asked: [String: ResourceVector] = [:]
        for node in cluster.nodes {
            let more = node.resources.subtracting(cluster.occupied(by: node))
            asked[node.host] = try (asked[node.host] ?? [:]).adding(more)
        }
        let spaces = Dictionary(snapshot.inventory.hosts.map { ($0.host.name, $0) }, uniquingKeysWith: { first, _ in first })
        for (name, wanted) in asked.sorted(by: { $0.key < $1.key }) {
            guard let space = spaces[name], space.host.unreachableSince == nil else {
                throw refuse(
                    cluster, "a host that has its disks does not answer", remedy: "Wait, or ask an admin to look at host '\(name)'.")
            }
            let free = space.free
            if let key = wanted.keys.first(where: { space.host.capacity.amounts[$0] != nil && wanted[$0] > free[$0] }) {
                throw refuse(
                    cluster,
                    "its host has \(Quantity.format(max(0, free[key]), of: key)) of \(key) left and it needs "
                        + Quantity.format(wanted[key], of: key),
                    remedy: "Wait, delete or hibernate other clusters, or ask an admin for room.")
            }
        }
        return quota
    }

    private func refuse(_ cluster: Cluster, _ why: String, remedy: String) -> Problem {
        Problem(.noCapacity, "Cluster '\(cluster.name)' cannot be woken now: \(why).", remedy: remedy)
    }
}
