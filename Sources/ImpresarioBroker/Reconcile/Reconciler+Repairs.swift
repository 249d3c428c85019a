// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel

/// Lost nodes are replaced, each cluster by an operation of its own; one that failed is tried again.
extension Reconciler {
    func beginRepairs(_ memory: inout Memory) async {
        let snapshot = ledger.snapshot
        for cluster in snapshot.clusters.values.sorted(by: { $0.id < $1.id }) {
            let dead = memory.dead.intersection(cluster.nodes.map(\.id))
            guard cluster.phase == .ready, snapshot.runningOperation(of: cluster) == nil, isDue(cluster, in: snapshot) else { continue }
            do throws(Problem) {
                if !dead.isEmpty || cluster.nodes.contains(where: { $0.state == .lost }) {
                    _ = try await broker.repair(cluster.id, dead: dead, by: "broker")
                } else if let failed = cluster.failedMending(in: snapshot) {
                    _ = try await broker.retryOperation(failed.id.rawValue, for: .broker)
                } else {
                    continue
                }
                memory.told[cluster.id.rawValue] = nil
            } catch {
                if error.is(.conflict) || error.is(.notReady) || Task.isCancelled { continue }
                await tell(
                    "cluster.repair-blocked", of: cluster.id.rawValue, "Cluster '\(cluster.name)' cannot be repaired now: \(error.message)",
                    cluster: cluster, &memory)
            }
        }
    }

    /// What failed is not tried again at once.
    func isDue(_ cluster: Cluster, in snapshot: Snapshot) -> Bool {
        guard let finished = cluster.failedMending(in: snapshot)?.finishedAt else { return true }
        return parts.clock() >= finished + parts.options.mendingPause
    }
}

extension Cluster {
    /// Its last operation, if that was a repair or a replacement, and failed.
    func failedMending(in snapshot: Snapshot) -> Operation? {
        guard let last = operation.flatMap({ snapshot.operation($0)?.value }), last.kind.isMending, last.state == .failed else {
            return nil
        }
        return last
    }
}

extension Broker {
    /// Begins a repair in one commit.
    func repair(_ cluster: ID<Cluster>, dead: Set<ID<Node>>, by actor: String) async throws(Problem) -> Accepted {
        let answer: Accepted = try await ledger.transact { snapshot, draft throws(Problem) in
            guard let entry = snapshot.cluster(cluster) else { throw Problem(.notFound, "The cluster is gone.") }
            return try Mending(snapshot: snapshot, ids: self.ids, now: self.clock()).repair(entry, dead: dead, by: actor, &draft)
        }
        runner.wake()
        return answer
    }
}
