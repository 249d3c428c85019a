// SPDX-License-Identifier: Apache-2.0

public import FoundationEssentials
public import ImpresarioModel
import ImpresarioPlugins
public import ImpresarioStore

/// What a tenant writes to get a cluster.
public struct ClusterRequest: Codable, Hashable, Sendable {
    public var name: String
    public var type: String
    public var parameters: JSONValue?
    public var labels: [String: String]?

    public init(name: String, type: String, parameters: JSONValue? = nil, labels: [String: String]? = nil) {
        self.name = name
        self.type = type
        self.parameters = parameters
        self.labels = labels
    }
}

/// An operation under way and the cluster it works on.
public struct ClusterOperation: Codable, Hashable, Sendable {
    public var operation: ImpresarioModel.Operation
    public var cluster: Cluster
}

/// What would happen.
public struct AdmissionPreview: Codable, Hashable, Sendable {
    public var cluster: Cluster
    public var quota: [QuotaLine]
}

extension Broker {
    public func clusters(
        of project: String, in tenant: String, for caller: Caller, page: PageRequest
    ) throws(Problem) -> Page {
        let snapshot = ledger.snapshot
        let id = try snapshot.project(project, of: tenant, for: caller).value.id
        return try Page.of(snapshot.clusters.filter { $0.value.value.project == id }.map { (key: $0.key, entry: $0.value) }, page)
    }

    public func cluster(_ path: ClusterPath, for caller: Caller) throws(Problem) -> Entry<Cluster> {
        try ledger.snapshot.cluster(path, for: caller)
    }

    /// Admits a whole cluster in one commit, or refuses it and leaves nothing.
    public func createCluster(
        _ request: ClusterRequest, in project: String, of tenant: String, for caller: Caller, key: IdempotencyKey? = nil
    ) async throws(Problem) -> ClusterOperation {
        let answer: ClusterOperation = try await once(key, for: caller) { remember throws(Problem) in
            let prepared = try await self.prepare(request, in: project, of: tenant, for: caller)
            return try await self.ledger.transact { snapshot, draft throws(Problem) in
                let outcome = try self.admit(prepared, in: project, of: tenant, for: caller, snapshot: snapshot)
                let cluster = outcome.cluster
                draft.orderAdmission(after: snapshot)
                draft.require(.exists(Keys.project(tenant, project)))
                try draft.insert(cluster, at: cluster.key)
                try draft.insert(outcome.operation, at: Keys.operation(outcome.operation.id))
                try draft.record(
                    self.event(
                        "cluster.admitted", by: caller.name,
                        "Cluster '\(cluster.name)' of type \(cluster.type) was admitted with \(cluster.nodes.count) nodes.",
                        tenant: cluster.tenant, project: cluster.project, cluster: cluster.id, operation: outcome.operation.id))
                let answer = ClusterOperation(operation: outcome.operation, cluster: cluster)
                try remember(answer, &draft)
                return answer
            }
        }
        runner.wake()
        return answer
    }

    /// The same decision without the commit.
    public func previewCluster(
        _ request: ClusterRequest, in project: String, of tenant: String, for caller: Caller
    ) async throws(Problem) -> AdmissionPreview {
        let prepared = try await prepare(request, in: project, of: tenant, for: caller)
        let outcome = try admit(prepared, in: project, of: tenant, for: caller, snapshot: ledger.snapshot)
        return AdmissionPreview(cluster: outcome.cluster, quota: outcome.quota)
    }

    /// Everything that needs the plugin and no lock: schema, `validate`, `plan`.
    private func prepare(
        _ request: ClusterRequest, in projectName: String, of tenantName: String, for caller: Caller
    ) async throws(Problem) -> Admission.Request {
        let snapshot = ledger.snapshot
        let project = try snapshot.project(projectName, of: tenantName, for: caller).value
        try caller.requireMember("create clusters")
        try Name.check(request.name, field: "/name")
        for (key, value) in request.labels ?? [:] {
            guard !key.isEmpty, key.utf8.count <= 128, value.utf8.count <= 256 else {
                throw Problem(.invalidParameters, "A label is at most 128 characters, its value at most 256.", field: "/labels/\(key.prefix(80))")
            }
        }
        guard let plugin = snapshot.plugin(forType: request.type),
            let type = plugin.manifest.types.first(where: { $0.id == request.type })
        else {
            let known = snapshot.plugins.values.flatMap { $0.value.manifest.types.map(\.id) }.sorted().joined(separator: ", ")
            throw Problem(
                .unknownType, "There is no cluster type '\(request.type.prefix(80))'.", field: "/type",
                remedy: known.isEmpty ? "No plugin is installed; ask an admin." : "Choose one of: \(known).")
        }
        guard plugin.state == .enabled else {
            throw Problem(
                .pluginDisabled, "The plugin for clusters of type '\(request.type)' is disabled.", field: "/type",
                remedy: "Ask an admin to enable the plugin '\(plugin.pin.id)'.")
        }
        let planner = Planner(runtime: parts.plugins, plugin: plugin, type: type, project: project, flavors: snapshot.flavors.values.map(\.value))
        let planned = try await planner.plan(name: request.name, parameters: request.parameters ?? [:], labels: request.labels ?? [:])
        return Admission.Request(
            name: request.name, type: request.type, parameters: planned.parameters, labels: request.labels ?? [:], plan: planned.plan,
            pin: plugin.pin, caller: caller)
    }

    private func admit(
        _ request: Admission.Request, in projectName: String, of tenantName: String, for caller: Caller, snapshot: Snapshot
    ) throws(Problem) -> Admission.Outcome {
        let project = try snapshot.project(projectName, of: tenantName, for: caller).value
        let tenant = try snapshot.tenant(tenantName, for: caller).value
        guard snapshot.clusters[Keys.cluster(tenantName, projectName, request.name)] == nil else { throw .exists("cluster", request.name) }
        return try Admission(snapshot: snapshot, ids: ids, now: clock()).admit(request, tenant: tenant, project: project)
    }

    /// Begins deletion, whatever state the cluster is in. Asked again, it answers the deletion that runs.
    public func deleteCluster(
        _ path: ClusterPath, expecting expected: Revision?, for caller: Caller
    ) async throws(Problem) -> ClusterOperation {
        let answer: ClusterOperation = try await ledger.transact { snapshot, draft throws(Problem) in
            let entry = try snapshot.cluster(path, for: caller)
            try caller.requireMember("delete clusters")
            try entry.require(expected)
            var cluster = entry.value
            if let running = cluster.operation.flatMap({ snapshot.operation($0) }), running.value.state == .running {
                if running.value.kind == .delete { return ClusterOperation(operation: running.value, cluster: cluster) }
                let cancelled = OperationMachine.apply(.cancel, to: running.value, now: self.clock())
                try draft.replace(running, with: cancelled, at: Keys.operation(cancelled.id))
            }
            let operation = Operation(
                id: self.ids.draw(prefix: "o"), kind: .delete, cluster: cluster.id, clusterName: cluster.name, tenant: cluster.tenant,
                project: cluster.project, requestedBy: caller.name, steps: OperationMachine.steps(of: .delete), createdAt: self.clock())
            cluster.phase = .deleting
            cluster.operation = operation.id
            cluster.updatedAt = self.clock()
            try draft.replace(entry, with: cluster, at: cluster.key)
            try draft.insert(operation, at: Keys.operation(operation.id))
            try draft.record(
                self.event(
                    "cluster.deleting", by: caller.name, "Deletion of cluster '\(cluster.name)' began.", tenant: cluster.tenant,
                    project: cluster.project, cluster: cluster.id, operation: operation.id))
            return ClusterOperation(operation: operation, cluster: cluster)
        }
        runner.wake()
        return answer
    }

    /// What happened to a cluster, oldest first.
    public func events(of path: ClusterPath, for caller: Caller, page: PageRequest) async throws(Problem) -> Page {
        let cluster = try ledger.snapshot.cluster(path, for: caller).value
        return try await storedPage(prefix: Keys.events(of: cluster.id), page)
    }
}
