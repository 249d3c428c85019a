// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel

/// The beginning of a cluster's end, for whoever decides it: a tenant, a cancelled creation, one that failed.
struct Deletion {
    let ids: IdentifierSource
    let now: Timestamp

    /// Records the operation that deletes, in place of the one that the cluster had.
    func begin(_ entry: Entry<Cluster>, by actor: String, _ draft: inout Draft) throws(Problem) -> Accepted {
        var cluster = entry.value
        let operation = Operation(.delete, of: cluster, by: actor, ids, at: now)
        // Of a cluster that sleeps every node has given back its cpu and memory; of one that was being woken, none.
        for index in cluster.nodes.indices {
            if cluster.phase == .hibernated {
                cluster.nodes[index].state = .stopped
            } else if cluster.nodes[index].state == .stopped {
                cluster.nodes[index].state = .running
            }
        }
        try draft.record(
            Event(
                id: ids.draw(prefix: "e"), at: now, type: "cluster.deleting", actor: actor,
                message: "Deletion of cluster '\(cluster.name)' began.", tenant: cluster.tenant, project: cluster.project,
                cluster: cluster.id, operation: operation.id))
        return try draft.hand(entry, cluster, to: operation, phase: .deleting)
    }
}
