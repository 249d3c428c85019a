// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import ImpresarioInfrastructure
import ImpresarioModel
import ImpresarioStore
import Logging

/// Level-triggered: compares what is recorded with what driver and plugin report, again and again, and mends what it may.
///
/// - A node that should run and does not is started.
/// - A node under our id that no record knows is destroyed when it has been seen so for the grace period.
/// - Health and conditions of ready clusters are kept up to date.
/// - Remembered answers older than a day are forgotten.
struct Reconciler: Sendable {
    let broker: Broker

    private var parts: Broker.Parts { broker.parts }
    private var ledger: Ledger { broker.ledger }

    func run() async {
        // By what elapsed, not by the wall clock, which may be set.
        var strangers: [ID<Node>: Duration] = [:]
        var nextSweep = parts.time.elapsed()
        while !Task.isCancelled {
            await reconcileNodes(&strangers)
            await refreshHealth()
            if parts.time.elapsed() >= nextSweep {
                await forgetAnswers()
                nextSweep = parts.time.elapsed() + .seconds(3600)
            }
            do { try await parts.time.sleep(for: parts.options.healthInterval) } catch { return }
        }
    }

    private func reconcileNodes(_ strangers: inout [ID<Node>: Duration]) async {
        var seen: [ID<Node>: Duration] = [:]
        for (host, driver) in parts.drivers.sorted(by: { $0.key < $1.key }) {
            let found: [NodeStatus]
            do throws(Problem) { found = try await driver.list() } catch {
                parts.logger.warning("host does not answer", metadata: ["host": "\(host)", "problem": "\(error.message)"])
                continue
            }
            // Read after the driver was asked: a node made meanwhile is on record.
            let snapshot = ledger.snapshot
            var recorded: [ID<Node>: Cluster] = [:]
            for cluster in snapshot.clusters.values { for node in cluster.nodes where node.host == host { recorded[node.id] = cluster } }
            for status in found {
                if let cluster = recorded[status.id] {
                    if cluster.phase == .ready, status.state == .stopped { await restart(status.id, of: cluster, by: driver) }
                } else {
                    let now = parts.time.elapsed()
                    let since = strangers[status.id] ?? now
                    if now - since >= parts.options.orphanGrace {
                        await remove(orphan: status, from: host, by: driver)
                    } else {
                        seen[status.id] = since
                    }
                }
            }
        }
        strangers = seen
    }

    private func restart(_ node: ID<Node>, of cluster: Cluster, by driver: any InfrastructureDriver) async {
        guard await broker.runner.locks.tryAcquire(cluster.id) else { return }
        let name = cluster.nodes.first { $0.id == node }?.name ?? node.rawValue
        do throws(Problem) {
            // On record before it is mended: a loss that lasted a moment was one.
            if cluster.health == .healthy {
                let loss = Condition(type: "NodeStopped", severity: .warning, message: "Node '\(name)' has stopped and is being started.")
                try await record(
                    HealthReport(health: .degraded, conditions: cluster.conditions.filter { $0.type != Condition.changeFailed } + [loss]),
                    of: cluster)
            }
            try await driver.start(node)
            await note("node.restarted", "Node '\(name)' had stopped and was started again.", cluster: cluster)
        } catch {
            parts.logger.warning("node does not start", metadata: ["node": "\(node)", "problem": "\(error.message)"])
        }
        await broker.runner.locks.release(cluster.id)
    }

    private func remove(orphan: NodeStatus, from host: String, by driver: any InfrastructureDriver) async {
        do throws(Problem) {
            try await driver.destroy(orphan.id)
            try await driver.removeUnused()
            await note("node.orphan-removed", "Node '\(orphan.id)' on host '\(host)' belonged to no cluster and was removed.", cluster: nil)
        } catch {
            parts.logger.warning("orphan stays", metadata: ["node": "\(orphan.id)", "problem": "\(error.message)"])
        }
    }

    private func refreshHealth() async {
        let snapshot = ledger.snapshot
        // What an operation works on, it reports on itself.
        let ready = snapshot.clusters.values.filter { $0.phase == .ready && snapshot.runningOperation(of: $0) == nil }
            .sorted { $0.id < $1.id }
        _ = try? await concurrently(ready, limit: 4) { (cluster) async throws(Problem) in
            let conversation = PluginConversation(
                parts: parts, ledger: ledger, fence: Fence(operation: "health-\(cluster.id)", attempt: 1), kind: "health")
            let report: HealthReport
            do throws(Problem) {
                report = try await conversation.call(.health, of: cluster, timeout: .seconds(30))
            } catch {
                if Task.isCancelled { return }
                report = HealthReport(
                    health: .unknown, conditions: [Condition(type: Self.condition(of: error), severity: .warning, message: error.message)])
            }
            try? await record(report, of: cluster)
        }
    }

    private static func condition(of problem: Problem) -> String {
        if problem.is(.pluginQuarantined) { return "PluginQuarantined" }
        return problem.is(.pluginUnavailable) || problem.is(.pluginInvalid) ? "PluginUnavailable" : "HealthUnknown"
    }

    private func record(_ report: HealthReport, of cluster: Cluster) async throws(Problem) {
        try await ledger.transact { snapshot, draft throws(Problem) in
            // What another version said, or said before it was moved, tells nothing.
            guard let entry = snapshot.cluster(cluster.id), entry.value.phase == .ready, entry.value.plugin == cluster.plugin,
                snapshot.runningOperation(of: entry.value) == nil
            else { return }
            var now = entry.value
            now.apply(report)
            // The plugin's report knows nothing of it.
            now.conditions += now.operation.flatMap { snapshot.operation($0) }?.value.conditions ?? []
            guard now != entry.value else { return }
            now.updatedAt = parts.clock()
            try draft.replace(entry, with: now, at: now.key)
            if now.health != entry.value.health {
                try draft.record(
                    broker.event(
                        "cluster.health", by: "broker",
                        "Cluster '\(now.name)' is \(now.health.rawValue), was \(entry.value.health.rawValue).\(Self.cause(now))",
                        tenant: now.tenant, project: now.project, cluster: now.id))
            }
        }
    }

    /// What is worst, so that the story of a cluster tells why it was not well after all is well again.
    private static func cause(_ cluster: Cluster) -> String {
        guard cluster.health != .healthy else { return "" }
        let worst = cluster.conditions.first { $0.severity == .error } ?? cluster.conditions.first { $0.severity == .warning }
        return worst.map { " \($0.type): \($0.message.prefix(400))" } ?? ""
    }

    private func forgetAnswers() async {
        guard let records = try? await ledger.store.list(prefix: "idempotency/").records else { return }
        let horizon = parts.clock() + .seconds(-86_400)
        let old = records.filter { record in
            guard let answer = try? CanonicalJSON.decode(RememberedAnswer.self, from: record.value) else { return true }
            return answer.at < horizon
        }
        for batch in stride(from: 0, to: old.count, by: 64) {
            let writes = old[batch..<min(batch + 64, old.count)].map { Write.delete($0.key) }
            _ = try? await ledger.store.commit(Transaction(writes: writes))
        }
    }

    private func note(_ type: String, _ message: String, cluster: Cluster?) async {
        let event = broker.event(type, by: "broker", message, tenant: cluster?.tenant, project: cluster?.project, cluster: cluster?.id)
        try? await ledger.transact { _, draft throws(Problem) in try draft.record(event) }
    }
}
