// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel

/// Draining hosts are emptied: cluster by cluster, of each cluster one host and as many nodes at once as its groups bear to miss.
extension Reconciler {
    func beginDrains(_ memory: inout Memory) async {
        await endHandovers(&memory)
        for host in ledger.snapshot.hosts.values.sorted(by: { $0.name < $1.name }) where host.state == .draining {
            let clusters = ledger.snapshot.clusters(on: host.name)
            if clusters.isEmpty { await endDrain(of: host.name) }
            for cluster in clusters {
                let running = ledger.snapshot.unfinished.all.count { ledger.snapshot.operations[$0]?.value.kind == .replace }
                guard running < parts.options.parallelDrains, !Task.isCancelled else { return }
                let subject = "\(host.name)/\(cluster.id)"
                do throws(Problem) {
                    guard isDue(cluster, in: ledger.snapshot) else { continue }
                    try await handOver(cluster.id) { cluster in
                        (
                            Mending.share(of: cluster, on: host.name),
                            "Host '\(host.name)' is being emptied; nodes of cluster '\(cluster.name)' move"
                        )
                    }
                    memory.told[subject] = nil
                } catch {
                    // Its own operation ends soon.
                    if error.is(.conflict) || Task.isCancelled { continue }
                    await tell(
                        "host.drain-blocked", of: subject,
                        "Host '\(host.name)' cannot be emptied of cluster '\(cluster.name)' now: \(error.message)",
                        &memory)
                }
            }
        }
    }

    /// Replacements that were begun go on to their end, whatever has become of the drain, and whatever was done to the cluster since.
    private func endHandovers(_ memory: inout Memory) async {
        let snapshot = ledger.snapshot
        for cluster in snapshot.clusters.values.sorted(by: { $0.id < $1.id }) {
            guard cluster.phase == .ready, snapshot.runningOperation(of: cluster) == nil, !cluster.halfReplaced.isEmpty,
                cluster.failedMending(in: snapshot) == nil,
                // Nodes of an upgrade that failed are the upgrade's.
                cluster.operation.flatMap({ snapshot.operation($0)?.value.kind }) != .upgrade
            else { continue }
            _ = try? await handOver(cluster.id) { cluster in
                (cluster.halfReplaced, "Replacement in cluster '\(cluster.name)' goes on")
            }
        }
    }

    private func handOver(_ cluster: ID<Cluster>, _ choose: (Cluster) -> (nodes: [Node], why: String)) async throws(Problem) {
        try await ledger.transact { snapshot, draft throws(Problem) in
            guard let entry = snapshot.cluster(cluster) else { return }
            let (nodes, why) = choose(entry.value)
            guard !nodes.isEmpty else { return }
            _ = try Mending(snapshot: snapshot, ids: broker.ids, now: parts.clock()).handOver(entry, nodes, why: why, by: "broker", &draft)
        }
        broker.runner.wake()
    }

    /// The host stays closed, and is empty.
    private func endDrain(of name: String) async {
        _ = try? await ledger.transact { snapshot, draft throws(Problem) in
            guard let entry = snapshot.hosts[Keys.host(name)], entry.value.state == .draining, snapshot.clusters(on: name).isEmpty,
                !snapshot.tombstones.contains(where: { $0.entry.value.host == name })
            else { return }
            var host = entry.value
            host.state = .cordoned
            draft.orderAdmission(after: snapshot)
            try draft.replace(entry, with: host, at: Keys.host(name))
            try draft.record(broker.event("host.drained", by: "broker", "Host '\(name)' carries no node any more; it is cordoned."))
        }
    }
}

extension Snapshot {
    /// Those that have a node on the host, in order of id.
    func clusters(on host: String) -> [Cluster] {
        clusters.values.filter { $0.nodes.contains { $0.host == host } }.sorted { $0.id < $1.id }
    }
}

extension Cluster {
    /// Living nodes that another one is to take the place of.
    var halfReplaced: [Node] {
        nodes.filter { node in node.state != .lost && nodes.contains { $0.replaces == node.id && $0.state != .lost } }
    }
}
