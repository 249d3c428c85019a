// SPDX-License-Identifier: Apache-2.0

public import ImpresarioModel
public import ImpresarioStore

/// Clusters that sleep: their nodes stopped, cpu and memory given back, disks and addresses kept.
extension Broker {
    /// Asked again, it answers the hibernation that runs.
    ///
    /// - Throws: `not-ready` for a cluster that does not stand, `conflict` while something else works on it.
    public func hibernateCluster(
        _ path: ClusterPath, expecting expected: Revision? = nil, for caller: Caller
    ) async throws(Problem) -> Accepted {
        let answer: Accepted = try await ledger.transact { snapshot, draft throws(Problem) in
            let entry = try snapshot.cluster(path, for: caller)
            try caller.requireMember("hibernate clusters")
            try entry.require(expected)
            if let running = snapshot.runningOperation(of: entry.value)?.value, running.kind == .hibernate {
                return Accepted(operation: running, cluster: entry.value)
            }
            return try self.hibernation(now: self.clock()).begin(entry, by: caller.name, in: snapshot, &draft)
        }
        runner.wake()
        return answer
    }

    /// An admission: quota at every level, and room on the hosts where the disks are. Asked again, it answers the wake that runs.
    ///
    /// - Parameter lease: from now; nil takes the project's default.
    /// - Throws: `not-ready` unless it is hibernated, `quota-exceeded`, `no-capacity`.
    public func wakeCluster(
        _ path: ClusterPath, lease: LeaseRequest = LeaseRequest(), expecting expected: Revision? = nil, for caller: Caller
    ) async throws(Problem) -> Accepted {
        let answer: Accepted = try await ledger.transact { snapshot, draft throws(Problem) in
            let entry = try snapshot.cluster(path, for: caller)
            try caller.requireMember("wake clusters")
            try entry.require(expected)
            let cluster = entry.value
            if let running = snapshot.runningOperation(of: cluster)?.value, running.kind == .wake {
                return Accepted(operation: running, cluster: cluster)
            }
            guard cluster.phase == .hibernated else {
                throw Problem(.notReady, "Cluster '\(cluster.name)' is \(cluster.phase.rawValue) and not hibernated.")
            }
            guard let tenant = snapshot.tenants[Keys.tenant(cluster.tenantName)]?.value, let project = snapshot.project(of: cluster)?.value
            else { throw .notFound("project", cluster.projectName) }
            let now = self.clock()
            let renewed = try LeaseDecision(policy: project.leases, now: now).renew(cluster.lease, lease)
            try WakeCheck(snapshot: snapshot).check(cluster, tenant: tenant, project: project)
            try QueueGate(snapshot: snapshot).pass(nil, &draft)
            draft.orderAdmission(after: snapshot)
            return try Undertaking(ids: self.ids, now: now).begin(
                .wake, on: entry, by: caller.name, ("cluster.waking", "Cluster '\(cluster.name)' is being woken."), in: snapshot, &draft
            ) { $0.lease = renewed }
        }
        runner.wake()
        return answer
    }

    func hibernation(now: Timestamp) -> Hibernation { Hibernation(undertaking: Undertaking(ids: ids, now: now)) }
}

/// The beginning of a cluster's sleep, by a person or at the end of its lease.
struct Hibernation {
    let undertaking: Undertaking

    func begin(
        _ entry: Entry<Cluster>, by actor: String, in snapshot: Snapshot, _ draft: inout Draft, _ change: (inout Cluster) -> Void = { _ in }
    ) throws(Problem) -> Accepted {
        let cluster = entry.value
        if let running = snapshot.runningOperation(of: cluster)?.value { throw .busy(cluster, with: running) }
        guard cluster.phase == .ready || cluster.phase == .failed, !cluster.nodes.isEmpty else {
            throw Problem(.notReady, "Cluster '\(cluster.name)' is \(cluster.phase.rawValue): only one that stands can be hibernated.")
        }
        return try undertaking.begin(
            .hibernate, on: entry, by: actor, ("cluster.hibernating", "Cluster '\(cluster.name)' is being hibernated."), in: snapshot,
            &draft, change)
    }
}
