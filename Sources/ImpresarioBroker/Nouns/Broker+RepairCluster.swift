// SPDX-License-Identifier: Apache-2.0

public import ImpresarioModel

extension Broker {
    /// Begins to replace the lost nodes of a cluster, or one that is named. Asked again while that runs, it answers the repair that does.
    ///
    /// - Throws: `not-ready` when there is nothing to repair or the cluster is not ready, `conflict` while something else changes it,
    ///   `no-quorum`, `no-capacity`.
    public func repairCluster(_ path: ClusterPath, _ request: RepairRequest, for caller: Caller) async throws(Problem) -> Accepted {
        let answer: Accepted = try await ledger.transact { snapshot, draft throws(Problem) in
            let entry = try snapshot.cluster(path, for: caller)
            try caller.requireMember("repair clusters")
            var dead = Set<ID<Node>>()
            if let name = request.node {
                // A lost node and the one that takes its place share a name.
                let named = entry.value.nodes.filter { $0.name == name || $0.id.rawValue == name }
                guard let node = named.first(where: { $0.state != .lost }) ?? named.first else {
                    throw Problem(.notFound, "The cluster has no node '\(name.prefix(80))'.", field: "/node")
                }
                dead.insert(node.id)
            }
            if let running = snapshot.runningOperation(of: entry.value)?.value, running.kind == .repair,
                dead.isSubset(of: running.nodes ?? [])
            {
                return Accepted(operation: running, cluster: entry.value)
            }
            return try Mending(snapshot: snapshot, ids: self.ids, now: self.clock()).repair(entry, dead: dead, by: caller.name, &draft)
        }
        runner.wake()
        return answer
    }
}
