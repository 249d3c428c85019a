// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import ImpresarioInfrastructure
public import ImpresarioModel
import ImpresarioPlugins
public import ImpresarioStore

/// Other parameters and labels for a cluster that exists.
extension Broker {
    /// Begins what it takes to make a cluster as it is wanted, or records what takes nothing.
    ///
    /// - Parameter expected: refuses with `precondition-failed` when the cluster has changed since.
    public func changeCluster(
        _ path: ClusterPath, _ request: ClusterChange, expecting expected: Revision? = nil, for caller: Caller,
        key: IdempotencyKey? = nil
    ) async throws(Problem) -> ClusterChanged {
        let answer: ClusterChanged = try await once(key, for: caller) { remember throws(Problem) in
            // What was planned from can change between plan and commit: then it is planned anew.
            for _ in 0..<5 {
                let prepared = try await self.prepare(request, of: path, expecting: expected, for: caller)
                if let answer = try await self.commit(prepared, to: path, expecting: expected, for: caller, remember) { return answer }
            }
            throw Problem(.conflict, "Cluster '\(path.cluster)' keeps changing.", remedy: "Try again in a moment.")
        }
        if answer.operation != nil { runner.wake() }
        return answer
    }

    /// The same decision without the commit. Nodes that would go are `leaving` in the answer.
    public func previewChange(_ path: ClusterPath, _ request: ClusterChange, for caller: Caller) async throws(Problem) -> DryRun {
        let snapshot = ledger.snapshot
        let prepared = try await prepare(request, of: path, expecting: nil, for: caller)
        guard var outcome = try decide(prepared, on: snapshot.cluster(path, for: caller).value, snapshot) else {
            throw Problem(.conflict, "Cluster '\(path.cluster)' was changed meanwhile.", remedy: "Try again in a moment.")
        }
        for index in outcome.cluster.nodes.indices where prepared.victims.contains(outcome.cluster.nodes[index].id) {
            outcome.cluster.nodes[index].state = .leaving
        }
        return DryRun(cluster: outcome.cluster, quota: outcome.quota)
    }

    /// A change as far as it can be known without a lock.
    private struct Prepared: Sendable {
        var labels: [String: String?]
        /// Nil: only labels change.
        var change: Admission.ChangeRequest?
        var record: PlanRecord?
        /// The record that it was made from.
        var basis: Cluster
        var victims: Set<ID<Node>> = []
    }

    /// Nil when the cluster is not any more what the change was planned from.
    private func commit(
        _ prepared: Prepared, to path: ClusterPath, expecting expected: Revision?, for caller: Caller,
        _ remember: @Sendable (ClusterChanged, inout Draft) throws(Problem) -> Void
    ) async throws(Problem) -> ClusterChanged? {
        try await ledger.transact { snapshot, draft throws(Problem) in
            let entry = try snapshot.cluster(path, for: caller)
            try entry.require(expected)
            guard let outcome = try self.decide(prepared, on: entry.value, snapshot) else { return nil }
            var cluster = outcome.cluster
            let answer: ClusterChanged
            if cluster == entry.value && outcome.operation == nil {
                answer = ClusterChanged(cluster: cluster)
            } else {
                cluster.updatedAt = self.clock()
                try draft.replace(entry, with: cluster, at: cluster.key)
                if let record = prepared.record {
                    try draft.put(record, at: Keys.plan(cluster.id))
                    if let former = prepared.change?.former { try draft.put(former, at: Keys.formerPlan(cluster.id)) }
                }
                if let operation = outcome.operation {
                    draft.orderAdmission(after: snapshot)
                    try draft.insert(operation, at: Keys.operation(operation.id))
                }
                try draft.record(self.event(for: outcome, before: entry.value, by: caller))
                answer = ClusterChanged(cluster: cluster, operation: outcome.operation)
            }
            try remember(answer, &draft)
            return answer
        }
    }

    private func event(for outcome: Admission.ChangeOutcome, before: Cluster, by caller: Caller) -> Event {
        let after = outcome.cluster
        let what: String
        switch outcome.operation?.kind {
        case nil: what = before.parameters == after.parameters ? "has other labels" : "has other parameters"
        case .upgrade: what = "is being upgraded to \(after.version ?? "another version")"
        default: what = "is being changed"
        }
        let counts = after.groups.map { group -> (String, JSONValue) in (group.name, .integer(Int64(group.count))) }
        return event(
            "cluster.changed", by: caller.name, "Cluster '\(after.name)' \(what).", tenant: after.tenant, project: after.project,
            cluster: after.id, operation: outcome.operation?.id,
            data: [
                "groups": .object(Dictionary(counts, uniquingKeysWith: { $1 })), "labels": .object(after.labels.mapValues { .string($0) }),
            ]
        )
    }

    /// Pure. Nil when the plan was made from something else.
    private func decide(_ prepared: Prepared, on cluster: Cluster, _ snapshot: Snapshot) throws(Problem) -> Admission.ChangeOutcome? {
        var cluster = cluster
        cluster.labels = try ClusterLabels.merge(prepared.labels, into: cluster.labels)
        guard let tenant = snapshot.tenants[Keys.tenant(cluster.tenantName)]?.value,
            let project = snapshot.project(of: cluster)?.value
        else { throw .notFound("project", cluster.projectName) }
        guard let change = prepared.change else {
            return .init(
                cluster: cluster, operation: nil, quota: try QuotaCheck(snapshot: snapshot).check([:], tenant: tenant, project: project))
        }
        try ChangeCheck.check(cluster, in: snapshot)
        let basis = prepared.basis
        guard cluster.parameters == basis.parameters, cluster.plugin == basis.plugin, cluster.nodes == basis.nodes else { return nil }
        return try Admission(snapshot: snapshot, ids: ids, now: clock()).admit(change, to: cluster, tenant: tenant, project: project)
    }

    /// Everything that needs the plugin and no lock.
    private func prepare(
        _ request: ClusterChange, of path: ClusterPath, expecting expected: Revision?, for caller: Caller
    ) async throws(Problem) -> Prepared {
        let snapshot = ledger.snapshot
        let entry = try snapshot.cluster(path, for: caller)
        try caller.requireMember("change clusters")
        try entry.require(expected)
        let cluster = entry.value
        let labels = try ClusterLabels.merge(request.labels ?? [:], into: cluster.labels)
        var prepared = Prepared(labels: request.labels ?? [:], change: nil, record: nil, basis: cluster)
        guard let patch = request.parameters else { return prepared }

        guard patch.object != nil else {
            throw Problem(.invalidBody, "Parameters are an object, not \(patch.kind).", field: "/parameters")
        }
        try ChangeCheck.check(cluster, in: snapshot)
        let (plugin, type) = try ChangeCheck.plugin(of: cluster, in: snapshot)
        let project = try snapshot.project(path.project, of: path.tenant, for: caller).value
        let planner = Planner(runtime: parts.plugins, plugin: plugin, type: type, project: project, flavors: snapshot.flavors.values)
        let parameters = ChangedParameters(from: cluster.parameters, by: patch, of: type)
        try parameters.check()
        let planned = try await planner.plan(name: cluster.name, parameters: parameters.merged, labels: labels)
        let former: PlanRecord? = try await ledger.store.record(at: Keys.plan(cluster.id))
        var change = Admission.ChangeRequest(
            parameters: planned.parameters, plan: planned.plan, former: former, version: former?.plan.version ?? cluster.version,
            unfinished: ChangeCheck.unfinishedUpgrade(of: cluster, in: snapshot), type: type, configures: false, caller: caller)
        change.configures = try await configures(change, cluster, planner)
        prepared.change = change
        prepared.record = PlanRecord(
            input: planner.input(name: cluster.name, parameters: planned.parameters, labels: labels), plan: planned.plan, pin: plugin.pin)
        prepared.victims = try await victims(of: change, cluster)
        return prepared
    }

    /// Whether the plugin is to be told: it has the verb, and more than counts of nodes changed.
    private func configures(
        _ change: Admission.ChangeRequest, _ cluster: Cluster, _ planner: Planner
    ) async throws(Problem) -> Bool {
        guard change.type.verbs.contains(PluginVerb.configure.rawValue) else { return false }
        let (old, new) = (cluster.parameters.object ?? [:], change.parameters.object ?? [:])
        let changed = Set(old.keys).union(new.keys).filter { old[$0] != new[$0] }
        let isResize = try GroupDifference(of: cluster, to: change.groups, isUpgrade: change.isUpgrade).isResize
        guard change.isUpgrade || isResize else { return !changed.isEmpty }
        let before = Self.outline(cluster.groups.map { ($0.name, $0.count) }, change.version)
        for name in changed.sorted() {
            // A parameter that makes another plan when it alone is changed is one of nodes or of the version. One that cannot be changed alone is told.
            var alone = old
            alone[name] = new[name]
            let plan = try? await planner.plan(name: cluster.name, parameters: .object(alone), labels: cluster.labels).plan
            guard let plan, Self.outline(plan.groups.map { ($0.name, $0.count) }, plan.version) != before else { return true }
        }
        return false
    }

    /// How many nodes of what, and which version.
    private static func outline(_ groups: [(name: String, count: Int)], _ version: String?) -> [String] {
        groups.filter { $0.count > 0 }.map { "\($0.name) \($0.count)" }.sorted() + [version ?? ""]
    }

    /// Asked before anything is recorded: who cannot be made smaller is told at once.
    private func victims(of change: Admission.ChangeRequest, _ cluster: Cluster) async throws(Problem) -> Set<ID<Node>> {
        var after = cluster
        after.groups = try GroupDifference(of: cluster, to: change.groups, isUpgrade: change.isUpgrade).groups
        guard !after.surplus.isEmpty, change.type.verbs.contains(PluginVerb.leave.rawValue) else { return [] }
        let conversation = PluginConversation(
            parts: parts, ledger: ledger, fence: Fence(operation: "health-\(cluster.id)", attempt: 1), kind: "health")
        let report: HealthReport = try await conversation.call(.health, of: cluster, timeout: .seconds(30))
        return Set(try after.victims(report).map(\.id))
    }
}
