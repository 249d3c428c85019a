// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel
import ImpresarioPlugins
import ImpresarioStore

/// What a version would plan for a cluster that another version planned: asked twice with the recorded input, compared with the recorded plan and
/// with itself. Nothing is changed by asking: `plan` is pure.
struct ShadowDiff: Sendable {
    let runtime: any PluginRuntime
    let store: any Store
    /// As it would be when enabled.
    let plugin: Plugin

    func shadow(_ cluster: Cluster) async throws(Problem) -> ShadowReport.ClusterShadow {
        do throws(Problem) {
            return try await compare(cluster)
        } catch {
            if error.is(.cancelled) || error.is(.storeFailed) || error.is(.shuttingDown) { throw error }
            return .init(cluster: cluster.pinned, differences: [], nondeterminism: [], problem: error)
        }
    }

    private func compare(_ cluster: Cluster) async throws(Problem) -> ShadowReport.ClusterShadow {
        guard let type = plugin.manifest.types.first(where: { $0.id == cluster.type }) else {
            throw Problem(.unknownType, "The plugin \(plugin.pin.words) does not know clusters of type '\(cluster.type)'.", owner: .plugin)
        }
        guard let record: PlanRecord = try await store.record(at: Keys.plan(cluster.id)) else {
            throw Problem(
                .notFound, "The cluster was made before plans were recorded: what another version would plan cannot be compared.",
                owner: .admin)
        }
        let (first, second) = (try await plan(record.input, type), try await plan(record.input, type))
        let plan: ClusterPlan = try first.answer(of: plugin.pin, to: .plan)
        try PlanCheck.check(plan, manifest: plugin.manifest, packages: plugin.approvedPackages)
        return .init(
            cluster: cluster.pinned,
            differences: DocumentDifference.between(try JSONValue(encoding: record.plan), try JSONValue(encoding: plan)),
            nondeterminism: DocumentDifference.between(first, second))
    }

    private func plan(_ input: PlanInput, _ type: ClusterType) async throws(Problem) -> JSONValue {
        try await runtime.call(
            PluginCall(
                plugin: plugin.pin, type: type.id, target: .verb(.plan), context: input.context, tenant: input.tenant,
                timeout: Planner.timeout),
            services: NoServices())
    }
}
