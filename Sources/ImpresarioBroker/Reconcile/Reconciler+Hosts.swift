// SPDX-License-Identifier: Apache-2.0

import ImpresarioInfrastructure
import ImpresarioModel
import Logging

/// Which hosts answer, and what is on them.
extension Reconciler {
    typealias Look = Result<[NodeStatus], Problem>

    /// Asks every host for its nodes, all at once: one that hangs keeps nobody waiting for longer than it may.
    func look() async -> [String: Look] {
        await withTaskGroup(of: (String, Look).self) { group in
            for (host, driver) in parts.drivers {
                group.addTask {
                    do throws(Problem) {
                        let found = try await parts.within(parts.options.hostPatience, "Host '\(host)'") { () async throws(Problem) in
                            try await driver.list()
                        }
                        return (host, .success(found))
                    } catch { return (host, .failure(error)) }
                }
            }
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
    }

    /// Records which hosts count as down. Their nodes are lost from that commit on, for clusters that nothing else works on.
    func judge(_ looks: [String: Look], _ memory: inout Memory) async {
        if Task.isCancelled { return }
        for host in ledger.snapshot.hosts.values.sorted(by: { $0.name < $1.name }) {
            switch looks[host.name] ?? .failure(Problem(.infrastructure, "The broker has no driver for it.")) {
            case .success:
                memory.silent[host.name] = nil
                if host.unreachableSince != nil {
                    await change(host.name, since: nil, "host.reachable", "Host '\(host.name)' answers again.")
                }
            case .failure(let problem):
                let now = parts.time.elapsed()
                let since = memory.silent[host.name] ?? now
                memory.silent[host.name] = since
                parts.logger.warning("host does not answer", metadata: ["host": "\(host.name)", "problem": "\(problem.message)"])
                guard host.unreachableSince == nil, now - since >= parts.options.hostTimeout else { continue }
                await change(
                    host.name, since: parts.clock() + (since - now), "host.unreachable",
                    "Host '\(host.name)' does not answer: \(problem.message)")
            }
        }
        guard ledger.snapshot.hosts.values.contains(where: { $0.unreachableSince != nil }) else { return }
        for cluster in ledger.snapshot.clusters.values.sorted(by: { $0.id < $1.id }) { await loseNodes(of: cluster) }
    }

    private func change(_ name: String, since: Timestamp?, _ type: String, _ message: String) async {
        _ = try? await ledger.transact { snapshot, draft throws(Problem) in
            guard let entry = snapshot.hosts[Keys.host(name)], (entry.value.unreachableSince == nil) != (since == nil) else { return }
            var host = entry.value
            host.unreachableSince = since
            draft.orderAdmission(after: snapshot)
            try draft.replace(entry, with: host, at: Keys.host(name))
            try draft.record(broker.event(type, by: "broker", message))
        }
    }

    private func loseNodes(of cluster: Cluster) async {
        func isLost(_ node: Node, _ snapshot: Snapshot) -> Bool {
            [.running, .joined, .leaving].contains(node.state) && snapshot.isDown(node.host)
        }
        guard cluster.nodes.contains(where: { isLost($0, ledger.snapshot) }) else { return }
        await mark(cluster, "node.lost", "are lost: their host does not answer") { cluster, snapshot in
            cluster.nodes.indices.filter { isLost(cluster.nodes[$0], snapshot) }.map { index in
                cluster.nodes[index].state = .lost
                return cluster.nodes[index].name
            }
        }
    }

    /// Changes the states of a ready cluster's nodes, as long as no operation does.
    ///
    /// - Parameter change: answers the names of the nodes that it changed.
    func mark(_ cluster: Cluster, _ type: String, _ what: String, _ change: (inout Cluster, Snapshot) -> [String]) async {
        _ = try? await ledger.transact { snapshot, draft throws(Problem) in
            guard let entry = snapshot.cluster(cluster.id), entry.value.phase == .ready, snapshot.runningOperation(of: entry.value) == nil
            else { return }
            var cluster = entry.value
            let names = change(&cluster, snapshot)
            guard !names.isEmpty else { return }
            cluster.setFindings(after: cluster.operation.flatMap { snapshot.operation($0)?.value })
            cluster.updatedAt = parts.clock()
            try draft.replace(entry, with: cluster, at: cluster.key)
            try draft.record(
                broker.event(
                    type, by: "broker", "Nodes of cluster '\(cluster.name)' \(what): \(names.joined(separator: ", ")).",
                    tenant: cluster.tenant, project: cluster.project, cluster: cluster.id))
        }
    }
}
