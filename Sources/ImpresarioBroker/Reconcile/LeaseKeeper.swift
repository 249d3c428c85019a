// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel
import Logging

/// Warns before a lease ends, and begins what was agreed when it has: an ordinary hibernation or deletion.
///
/// Level-triggered: what was missed while no broker ran is made up for by the next one.
struct LeaseKeeper: Sendable {
    let broker: Broker

    private var parts: Broker.Parts { broker.parts }

    func run() async {
        while !Task.isCancelled {
            await look()
            do { try await parts.time.sleep(for: parts.options.healthInterval) } catch { return }
        }
    }

    private func look() async {
        let now = parts.clock()
        for cluster in broker.ledger.snapshot.clusters.values {
            guard let lease = cluster.lease, cluster.phase != .deleting else { continue }
            do throws(Problem) {
                if lease.expiresAt <= now {
                    try await end(cluster.id)
                } else if lease.warnedAt == nil, lease.expiresAt - now <= parts.options.leaseWarning {
                    try await warn(cluster.id)
                }
            } catch {
                parts.logger.warning("lease stays", metadata: ["cluster": "\(cluster.id)", "problem": "\(error.message)"])
            }
        }
    }

    private func warn(_ id: ID<Cluster>) async throws(Problem) {
        try await broker.ledger.transact { snapshot, draft throws(Problem) in
            let now = parts.clock()
            guard let entry = snapshot.cluster(id), var lease = entry.value.lease, lease.warnedAt == nil,
                lease.expiresAt - now <= parts.options.leaseWarning
            else { return }
            var cluster = entry.value
            lease.warnedAt = now
            cluster.lease = lease
            try draft.replace(entry, with: cluster, at: cluster.key)
            let fate = lease.ending == .delete ? "deleted" : "hibernated"
            try draft.record(
                broker.event(
                    "lease.ending", by: "broker",
                    "Cluster '\(cluster.name)' is \(fate) at \(lease.expiresAt): imp cluster extend \(cluster.name) --lease 8h keeps it.",
                    tenant: cluster.tenant, project: cluster.project, cluster: cluster.id))
        }
    }

    /// What works on the cluster is waited for: it has a deadline of its own, and this is asked again.
    private func end(_ id: ID<Cluster>) async throws(Problem) {
        let hasBegun = try await broker.ledger.transact { snapshot, draft throws(Problem) -> Bool in
            let now = parts.clock()
            guard let entry = snapshot.cluster(id), let lease = entry.value.lease, lease.expiresAt <= now,
                snapshot.runningOperation(of: entry.value) == nil
            else { return false }
            let cluster = entry.value
            try draft.record(
                broker.event(
                    "lease.ended", by: "broker", "The lease of cluster '\(cluster.name)' has ended.", tenant: cluster.tenant,
                    project: cluster.project, cluster: cluster.id))
            // What sleeps, waits in line or never stood has nothing that a hibernation would keep alive or give back.
            switch (lease.ending, cluster.phase) {
            case (.hibernate, .hibernated):
                var cluster = cluster
                cluster.lease = nil
                try draft.replace(entry, with: cluster, at: cluster.key)
                return false
            case (.hibernate, .ready), (.hibernate, .failed):
                _ = try broker.hibernation(now: now).begin(entry, by: "broker", in: snapshot, &draft) { $0.lease = nil }
            default:
                _ = try Deletion(ids: parts.ids, now: now).begin(entry, by: "broker", &draft)
            }
            return true
        }
        if hasBegun { broker.runner.wake() }
    }
}
