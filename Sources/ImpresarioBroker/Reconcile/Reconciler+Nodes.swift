// SPDX-License-Identifier: Apache-2.0

import ImpresarioInfrastructure
import ImpresarioModel
import Logging

/// What is on the hosts against what should be.
extension Reconciler {
    /// - Parameter before: as it was recorded before the hosts were asked. The ledger is read again after: a node made meanwhile is on record,
    ///   and one that was not on record before need not be among what they told.
    func reconcileNodes(_ looks: [String: Look], _ before: Snapshot, _ memory: inout Memory) async {
        let snapshot = ledger.snapshot
        var recorded: [ID<Node>: (node: Node, cluster: Cluster)] = [:]
        for cluster in snapshot.clusters.values { for node in cluster.nodes { recorded[node.id] = (node, cluster) } }
        let known = Set(before.clusters.values.flatMap(\.nodes).filter { $0.state == .joined }.map(\.id))
        var strangers: [ID<Node>: Duration] = [:]
        var missing = Set<ID<Node>>()
        memory.dead = []
        for (host, look) in looks.sorted(by: { $0.key < $1.key }) {
            guard case .success(let found) = look, let driver = parts.drivers[host], !Task.isCancelled else { continue }
            var whole = Set<ID<Node>>()
            for status in found {
                guard let (node, cluster) = recorded[status.id], node.host == host else {
                    await reconcileStranger(status, on: host, by: driver, memory, &strangers)
                    continue
                }
                guard status.state != .partial else { continue }
                whole.insert(status.id)
                guard cluster.phase == .ready, snapshot.runningOperation(of: cluster) == nil else { continue }
                if node.state == .lost { await welcome(node, of: cluster) }
                if status.state == .stopped { await restart(node, of: cluster, by: driver, &memory) }
            }
            await removeTombs(on: host, by: driver)
            for (id, (node, cluster)) in recorded
            where node.host == host && node.state == .joined && !whole.contains(id) && known.contains(id) {
                guard cluster.phase == .ready, snapshot.runningOperation(of: cluster) == nil else { continue }
                // Seen twice, for once may be a mistake.
                missing.insert(id)
                if memory.missing.contains(id) { memory.dead.insert(id) }
            }
        }
        memory.strangers = strangers
        memory.missing = missing
        memory.restarts = memory.restarts.filter { recorded[$0.key] != nil }
    }

    /// A node that was lost with its host, and that nobody took the place of, is back with it.
    private func welcome(_ node: Node, of cluster: Cluster) async {
        await mark(cluster, "node.returned", "are back with their host") { cluster, _ in
            cluster.nodes.indices.filter { index in
                let found = cluster.nodes[index]
                return found.id == node.id && found.state == .lost && !cluster.nodes.contains { $0.replaces == found.id }
            }.map { index in
                // One that was to take another's place had not joined.
                cluster.nodes[index].state = cluster.nodes[index].replaces == nil ? .joined : .running
                return cluster.nodes[index].name
            }
        }
    }

    /// Starts a node that stopped, unless it does so too often: then it is past that.
    private func restart(_ node: Node, of cluster: Cluster, by driver: any InfrastructureDriver, _ memory: inout Memory) async {
        let now = parts.time.elapsed()
        let recent = (memory.restarts[node.id] ?? []).filter { now - $0 < parts.options.restartWindow }
        guard recent.count < parts.options.restartBudget else {
            memory.dead.insert(node.id)
            return
        }
        guard await broker.runner.locks.tryAcquire(cluster.id) else { return }
        memory.restarts[node.id] = recent + [now]
        do throws(Problem) {
            // On record before it is mended: a loss that lasted a moment was one.
            if cluster.health == .healthy {
                let loss = Condition(
                    type: "NodeStopped", severity: .warning, message: "Node '\(node.name)' has stopped and is being started.")
                try await record(HealthReport(health: .degraded, conditions: cluster.conditions + [loss]), of: cluster)
            }
            try await driver.start(node.id)
            await note("node.restarted", "Node '\(node.name)' had stopped and was started again.", cluster: cluster)
        } catch {
            parts.logger.warning("node does not start", metadata: ["node": "\(node.id)", "problem": "\(error.message)"])
        }
        await broker.runner.locks.release(cluster.id)
    }
}
