// SPDX-License-Identifier: Apache-2.0

public import ImpresarioModel
public import ImpresarioStore

extension Broker {
    /// Gives a cluster a new lease that begins now, whatever is left of the old one. Without a time it is the project's default, and where there
    /// is none the cluster has no lease any more.
    ///
    /// - Throws: `lease-too-long`, `not-ready` for a cluster that is being deleted.
    public func extendLease(
        _ path: ClusterPath, _ request: LeaseRequest, expecting expected: Revision? = nil, for caller: Caller
    ) async throws(Problem) -> Cluster {
        try await ledger.transact { snapshot, draft throws(Problem) in
            let entry = try snapshot.cluster(path, for: caller)
            try caller.requireMember("extend leases")
            try entry.require(expected)
            var cluster = entry.value
            guard cluster.phase != .deleting else { throw Problem(.notReady, "Cluster '\(cluster.name)' is being deleted.") }
            guard cluster.phase != .hibernated else {
                throw Problem(
                    .notReady, "Cluster '\(cluster.name)' is hibernated: its lease begins when it wakes.",
                    remedy: "imp cluster wake \(cluster.name) --lease 8h")
            }
            let policy = snapshot.project(of: cluster)?.value.leases
            cluster.lease = try LeaseDecision(policy: policy, now: self.clock()).renew(cluster.lease, request)
            guard cluster.lease != entry.value.lease else { return cluster }
            cluster.updatedAt = self.clock()
            try draft.replace(entry, with: cluster, at: cluster.key)
            let until = cluster.lease.map { "until \($0.expiresAt)" } ?? "without end"
            try draft.record(
                self.event(
                    "lease.extended", by: caller.name, "Cluster '\(cluster.name)' may live \(until).", tenant: cluster.tenant,
                    project: cluster.project, cluster: cluster.id))
            return cluster
        }
    }

    /// What leases a project allows from now on. Clusters keep those that they have.
    public func setLeases(
        ofProject name: String, of tenantName: String, to policy: LeasePolicy, expecting expected: Revision?, for caller: Caller
    ) async throws(Problem) -> Project {
        try caller.requireTenantAdmin("set a project's leases")
        for (field, seconds) in [("/default", policy.default), ("/maximum", policy.maximum)] {
            if let seconds, TimeToLive(seconds: seconds) == nil {
                throw Problem(.invalidParameters, "\(seconds) seconds are not between one second and a hundred years.", field: field)
            }
        }
        if let wanted = policy.default, let maximum = policy.maximum, wanted > maximum {
            throw Problem(.invalidParameters, "The default is longer than the maximum.", field: "/default")
        }
        return try await ledger.transact { snapshot, draft throws(Problem) in
            let entry = try snapshot.project(name, of: tenantName, for: caller)
            try entry.require(expected)
            var project = entry.value
            project.leases = policy.default == nil && policy.maximum == nil ? nil : policy
            guard project != entry.value else { return project }
            try draft.replace(entry, with: project, at: Keys.project(tenantName, name))
            try draft.record(
                self.event(
                    "project.changed", by: caller.name, "The leases of project '\(name)' are now: \(policy.words).",
                    tenant: project.tenant, project: project.id))
            return project
        }
    }
}
