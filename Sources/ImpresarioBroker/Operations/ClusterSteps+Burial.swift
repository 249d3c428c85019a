// SPDX-License-Identifier: Apache-2.0

import ImpresarioInfrastructure
import ImpresarioModel

/// The end of nodes: destroyed, or given up and remembered.
extension ClusterSteps {
    /// Destroys nodes and takes them off the record. What is on a host that does not answer, or cannot be destroyed within the time that there
    /// is for it, is left behind as a tombstone: its tenant is rid of it, and the reconciler destroys it when that works again.
    func bury(_ nodes: [Node]) async throws(Problem) {
        let left = try await destroy(nodes)
        // A commit has room for so many.
        for batch in nodes.batches(of: 30) {
            let now = parts.clock()
            try await ledger.transact { snapshot, draft throws(Problem) in
                guard let entry = snapshot.cluster(operation.cluster), entry.value.operation == operation.id else {
                    throw Problem(.cancelled, "Another operation took over.")
                }
                var cluster = entry.value
                let gone = Set(batch.map(\.id))
                for node in cluster.nodes where gone.contains(node.id) && left.contains(node.id) {
                    try draft.insert(
                        Tombstone(
                            node: node.id, cluster: cluster.id, tenant: cluster.tenant, project: cluster.project, host: node.host,
                            zone: node.zone, resources: entry.value.occupied(by: node), address: node.address, createdAt: now),
                        at: Keys.tombstone(node.id))
                    try draft.record(
                        Event(
                            id: parts.ids.draw(prefix: "e"), at: now, type: "node.given-up", actor: "broker",
                            message: "Node '\(node.name)' was given up: its host does not destroy it now. That is done when it can be.",
                            tenant: cluster.tenant, project: cluster.project, cluster: cluster.id, operation: operation.id))
                }
                // What took the place of one that is gone has it now, or waits for that one's own place.
                let places = Dictionary(cluster.nodes.map { ($0.id, $0.replaces) }, uniquingKeysWith: { $1 })
                for index in cluster.nodes.indices {
                    while let old = cluster.nodes[index].replaces, gone.contains(old) || places[old] == nil {
                        cluster.nodes[index].replaces = places[old] ?? nil
                    }
                }
                cluster.nodes.removeAll { gone.contains($0.id) }
                guard cluster != entry.value else { return }
                cluster.updatedAt = now
                try draft.replace(entry, with: cluster, at: cluster.key)
            }
        }
        for (host, driver) in parts.drivers where !ledger.snapshot.isDown(host) {
            // What it leaves for later it takes away with the next node.
            _ = try? await parts.within(parts.options.hostPatience, "Host '\(host)'") { () async throws(Problem) in
                try await driver.removeUnused()
            }
        }
    }

    /// - Returns: those that have to be left behind.
    /// - Throws: the last problem, when it is not time yet to leave what was not destroyed.
    @discardableResult
    func destroy(_ nodes: [Node]) async throws(Problem) -> Set<ID<Node>> {
        let done = Counter()
        let problems = try await concurrently(nodes, limit: parts.parallelism) { (node) async throws(Problem) -> Problem? in
            guard let driver = parts.drivers[node.host], !ledger.snapshot.isDown(node.host) else { return nil }
            do throws(Problem) {
                try await parts.within(parts.options.hostPatience, "Host '\(node.host)'") { () async throws(Problem) in
                    try await driver.destroy(node.id)
                }
            } catch {
                if Task.isCancelled { throw error }
                return error
            }
            let count = done.increment()
            conversation.onProgress(10_000 * count / nodes.count, "\(count) of \(nodes.count) nodes gone")
            return nil
        }
        let snapshot = ledger.snapshot
        let begun = OperationMachine.currentIndex(of: operation).flatMap { operation.steps[$0].startedAt } ?? operation.createdAt
        let isPatient = parts.clock() < begun + parts.options.burialPatience
        var left = Set<ID<Node>>()
        var waiting: Problem?
        for (node, problem) in zip(nodes, problems) {
            if parts.drivers[node.host] == nil || snapshot.isDown(node.host) {
                left.insert(node.id)
            } else if let problem {
                if isPatient { waiting = problem } else { left.insert(node.id) }
            }
        }
        if var waiting {
            waiting.isRetryable = true
            throw waiting
        }
        return left
    }
}

extension Snapshot {
    /// Whether the host does not answer.
    func isDown(_ host: String) -> Bool { hosts[Keys.host(host)]?.value.unreachableSince != nil }
}

extension Array {
    /// Of at most `size`, in order.
    func batches(of size: Int) -> [ArraySlice<Element>] {
        stride(from: 0, to: count, by: Swift.max(1, size)).map { self[$0..<Swift.min($0 + Swift.max(1, size), count)] }
    }
}
