// SPDX-License-Identifier: Apache-2.0

import ImpresarioInfrastructure
import ImpresarioModel

/// Health and conditions of clusters that no operation works on.
extension Reconciler {
    func refreshHealth() async {
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

    /// What is worst, so that the story of a cluster tells why it was not well after all is well again.
    private static func cause(_ cluster: Cluster) -> String {
        guard cluster.health != .healthy else { return "" }
        let worst = cluster.conditions.first { $0.severity == .error } ?? cluster.conditions.first { $0.severity == .warning }
        return worst.map { " \($0.type): \($0.message.prefix(400))" } ?? ""
    }

    func record(_ report: HealthReport, of cluster: Cluster) async throws(Problem) {
        try await ledger.transact { snapshot, draft throws(Problem) in
            // What another version said, or said before it was moved, tells nothing.
            guard let entry = snapshot.cluster(cluster.id), entry.value.phase == .ready, entry.value.plugin == cluster.plugin,
                snapshot.runningOperation(of: entry.value) == nil
            else { return }
            var now = entry.value
            now.apply(report)
            now.setFindings(after: now.operation.flatMap { snapshot.operation($0)?.value }, reported: report.conditions ?? [])
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
}
