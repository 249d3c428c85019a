// SPDX-License-Identifier: Apache-2.0

public import ImpresarioModel
import ImpresarioPlugins
public import ImpresarioStore

extension Broker {
    public func clusters(
        of project: String, in tenant: String, for caller: Caller, page: PageRequest
    ) throws(Problem) -> EncodedPage {
        let snapshot = ledger.snapshot
        let id = try snapshot.project(project, of: tenant, for: caller).value.id
        return try EncodedPage.of(snapshot.clusters.filter { $0.entry.value.project == id }, page)
    }

    public func cluster(_ path: ClusterPath, for caller: Caller) throws(Problem) -> Entry<Cluster> {
        try ledger.snapshot.cluster(path, for: caller)
    }

    /// Admits a whole cluster in one commit, or refuses it and leaves nothing.
    public func createCluster(
        _ request: NewCluster, in project: String, of tenant: String, for caller: Caller, key: IdempotencyKey? = nil
    ) async throws(Problem) -> Accepted {
        let answer: Accepted = try await once(key, for: caller) { remember throws(Problem) in
            // A plugin can be upgraded between plan and commit: then the version that is enabled now plans anew.
            for _ in 0..<5 {
                let prepared = try await self.prepare(request, in: project, of: tenant, for: caller)
                if let answer = try await self.commit(prepared, in: project, of: tenant, for: caller, remember) { return answer }
            }
            throw Problem(.conflict, "The plugin for clusters of type '\(request.type)' keeps changing.", remedy: "Try again in a moment.")
        }
        runner.wake()
        return answer
    }

    /// Nil when the plugin's version is not enabled any more.
    private func commit(
        _ prepared: Admission.Request, in project: String, of tenant: String, for caller: Caller,
        _ remember: @Sendable (Accepted, inout Draft) throws(Problem) -> Void
    ) async throws(Problem) -> Accepted? {
        try await ledger.transact { snapshot, draft throws(Problem) in
            guard let plugin = snapshot.plugin(prepared.pin), plugin.value.state == .enabled else { return nil }
            draft.require(.unchanged(Keys.plugin(prepared.pin), since: plugin.revision))
            let outcome = try self.admitOrQueue(prepared, in: project, of: tenant, for: caller, snapshot: snapshot, &draft)
            let cluster = outcome.cluster
            draft.orderAdmission(after: snapshot)
            draft.require(.exists(Keys.project(tenant, project)))
            try draft.insert(cluster, at: cluster.key)
            let record = PlanRecord(input: prepared.input, plan: prepared.plan, pin: prepared.pin)
            try draft.insert(record, at: Keys.plan(cluster.id))
            try draft.insert(outcome.operation, at: Keys.operation(outcome.operation.id))
            try draft.record(self.admitted(outcome, by: caller.name))
            let answer = Accepted(operation: outcome.operation, cluster: cluster)
            try remember(answer, &draft)
            return answer
        }
    }

    /// The same decision without the commit.
    public func previewCluster(
        _ request: NewCluster, in project: String, of tenant: String, for caller: Caller
    ) async throws(Problem) -> DryRun {
        let prepared = try await prepare(request, in: project, of: tenant, for: caller)
        let snapshot = ledger.snapshot
        let outcome = try admit(prepared, in: project, of: tenant, for: caller, snapshot: snapshot)
        return DryRun(cluster: outcome.cluster, quota: outcome.quota, cost: snapshot.cost(of: outcome.cluster, now: clock()))
    }

    /// Everything that needs the plugin and no lock: schema, `validate`, `plan`.
    private func prepare(
        _ request: NewCluster, in projectName: String, of tenantName: String, for caller: Caller
    ) async throws(Problem) -> Admission.Request {
        let snapshot = ledger.snapshot
        let project = try snapshot.project(projectName, of: tenantName, for: caller).value
        try caller.requireMember("create clusters")
        try Name.check(request.name, field: "/name")
        try ClusterLabels.check(request.labels ?? [:])
        guard let plugin = snapshot.plugin(forType: request.type),
            let type = plugin.manifest.types.first(where: { $0.id == request.type })
        else {
            let known = snapshot.plugins.values.flatMap { $0.manifest.types.map(\.id) }.sorted().joined(separator: ", ")
            throw Problem(
                .unknownType, "There is no cluster type '\(request.type.prefix(80))'.", field: "/type",
                remedy: known.isEmpty ? "No plugin is installed; ask an admin." : "Choose one of: \(known).")
        }
        try Self.checkOffered(plugin, for: request.type)
        let planner = Planner(runtime: parts.plugins, plugin: plugin, type: type, project: project, flavors: snapshot.flavors.values)
        let labels = request.labels ?? [:]
        let planned = try await planner.plan(name: request.name, parameters: request.parameters ?? [:], labels: labels)
        return Admission.Request(
            name: request.name, type: request.type, parameters: planned.parameters, labels: labels, plan: planned.plan, pin: plugin.pin,
            caller: caller, onFailure: request.onFailure, lease: LeaseRequest(lease: request.lease, leaseEnding: request.leaseEnding),
            queues: request.queue ?? false,
            input: planner.input(name: request.name, parameters: planned.parameters, labels: labels))
    }

    static func checkOffered(_ plugin: Plugin, for type: String) throws(Problem) {
        switch plugin.state {
        case .enabled: return
        case .quarantined:
            throw Problem(
                .pluginQuarantined, "The plugin for clusters of type '\(type)' is quarantined.", field: "/type",
                remedy: "Ask an admin to look at the plugin '\(plugin.pin.id)'.")
        case .disabled, .installed:
            throw Problem(
                .pluginDisabled, "The plugin for clusters of type '\(type)' is disabled.", field: "/type",
                remedy: "Ask an admin to enable the plugin '\(plugin.pin.id)'.")
        }
    }

    private func admit(
        _ request: Admission.Request, in projectName: String, of tenantName: String, for caller: Caller, snapshot: Snapshot
    ) throws(Problem) -> Admission.Outcome {
        let project = try snapshot.project(projectName, of: tenantName, for: caller).value
        let tenant = try snapshot.tenant(tenantName, for: caller).value
        guard snapshot.clusters[Keys.cluster(tenantName, projectName, request.name)] == nil else { throw .exists("cluster", request.name) }
        return try Admission(snapshot: snapshot, ids: ids, now: clock()).admit(request, tenant: tenant, project: project)
    }

    func admitted(_ outcome: Admission.Outcome, by actor: String) -> Event {
        let cluster = outcome.cluster
        return event(
            cluster.phase == .queued ? "cluster.queued" : "cluster.admitted", by: actor,
            cluster.queue.map { "Cluster '\(cluster.name)' of type \(cluster.type) waits for room: \($0.reason)" }
                ?? "Cluster '\(cluster.name)' of type \(cluster.type) was admitted with \(cluster.nodes.count) nodes.",
            tenant: cluster.tenant, project: cluster.project, cluster: cluster.id, operation: outcome.operation.id)
    }

    private func admitOrQueue(
        _ request: Admission.Request, in project: String, of tenant: String, for caller: Caller, snapshot: Snapshot, _ draft: inout Draft
    ) throws(Problem) -> Admission.Outcome {
        do throws(Problem) {
            let outcome = try admit(request, in: project, of: tenant, for: caller, snapshot: snapshot)
            try QueueGate(snapshot: snapshot).pass(nil, &draft)
            return outcome
        } catch {
            guard request.queues, error.is(.noCapacity) || error.is(.noAddresses) else { throw error }
            return try Admission(snapshot: snapshot, ids: ids, now: clock()).queue(
                request, because: error, tenant: snapshot.tenant(tenant, for: caller).value,
                project: snapshot.project(project, of: tenant, for: caller).value)
        }
    }

    /// Begins deletion, whatever state the cluster is in. Asked again, it answers the deletion that runs.
    public func deleteCluster(
        _ path: ClusterPath, expecting expected: Revision?, for caller: Caller
    ) async throws(Problem) -> Accepted {
        let answer: Accepted = try await ledger.transact { snapshot, draft throws(Problem) in
            let entry = try snapshot.cluster(path, for: caller)
            try caller.requireMember("delete clusters")
            try entry.require(expected)
            let cluster = entry.value
            if let running = cluster.operation.flatMap({ snapshot.operation($0) }), !running.value.state.isFinal {
                if running.value.kind == .delete { return Accepted(operation: running.value, cluster: cluster) }
                let cancelled = OperationMachine.apply(.cancel, to: running.value, now: self.clock())
                try draft.replace(running, with: cancelled, at: Keys.operation(cancelled.id))
            }
            return try Deletion(ids: self.ids, now: self.clock()).begin(entry, by: caller.name, &draft)
        }
        runner.wake()
        return answer
    }

    /// What happened to a cluster, oldest first.
    public func events(of path: ClusterPath, for caller: Caller, page: PageRequest) async throws(Problem) -> EncodedPage {
        let cluster = try ledger.snapshot.cluster(path, for: caller).value
        return try await storedPage(prefix: Keys.events(of: cluster.id), page)
    }
}
