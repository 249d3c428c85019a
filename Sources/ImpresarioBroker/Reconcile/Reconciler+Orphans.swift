// SPDX-License-Identifier: Apache-2.0

import ImpresarioInfrastructure
import ImpresarioModel
import Logging

/// Nodes that no cluster has: strangers, and those that were given up while their host did not answer.
extension Reconciler {
    func reconcileStranger(
        _ status: NodeStatus, on host: String, by driver: any InfrastructureDriver, _ memory: Memory,
        _ strangers: inout [ID<Node>: Duration]
    ) async {
        guard ledger.snapshot.tombstones[Keys.tombstone(status.id)] == nil else { return }
        let now = parts.time.elapsed()
        let since = memory.strangers[status.id] ?? now
        guard now - since >= parts.options.orphanGrace else {
            strangers[status.id] = since
            return
        }
        do throws(Problem) {
            try await destroy(status.id, on: host, by: driver)
            await note("node.orphan-removed", "Node '\(status.id)' on host '\(host)' belonged to no cluster and was removed.")
        } catch {
            strangers[status.id] = since
            parts.logger.warning("orphan stays", metadata: ["node": "\(status.id)", "problem": "\(error.message)"])
        }
    }

    /// What was given up is destroyed now that its host answers; then its room is free.
    func removeTombs(on host: String, by driver: any InfrastructureDriver) async {
        for (key, entry) in ledger.snapshot.tombstones.filter({ $0.entry.value.host == host }).sorted(by: { $0.key < $1.key }) {
            let tombstone = entry.value
            do throws(Problem) {
                // Also when it was not told: what is half destroyed may be seen by nobody.
                try await destroy(tombstone.node, on: host, by: driver)
                try await ledger.transact { snapshot, draft throws(Problem) in
                    guard let entry = snapshot.tombstones[key] else { return }
                    draft.remove(entry, at: key)
                    try draft.record(
                        broker.event(
                            "node.tombstone-removed", by: "broker",
                            "Node '\(tombstone.node)' on host '\(host)' had been given up and is destroyed.", tenant: tombstone.tenant,
                            project: tombstone.project, cluster: tombstone.cluster))
                }
            } catch {
                if Task.isCancelled { return }
                parts.logger.warning("tombstone stays", metadata: ["node": "\(tombstone.node)", "problem": "\(error.message)"])
            }
        }
    }

    private func destroy(_ node: ID<Node>, on host: String, by driver: any InfrastructureDriver) async throws(Problem) {
        try await parts.within(parts.options.hostPatience, "Host '\(host)'") { () async throws(Problem) in
            try await driver.destroy(node)
            try await driver.removeUnused()
        }
    }
}
