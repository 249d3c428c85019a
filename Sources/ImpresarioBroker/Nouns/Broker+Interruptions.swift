// SPDX-License-Identifier: Apache-2.0

public import ImpresarioModel
import ImpresarioStore

/// Operations that a person stops, or begins again where they stopped.
extension Broker {
    /// Calls an operation off: what runs for it ends within seconds, and what it did is taken back or kept as asked. Asked again, it answers
    /// what is so.
    ///
    /// A creation is deleted, or kept as it is; what waits in line leaves it. A resize or an upgrade goes back, as far as there is a way back, or
    /// stays as it is; a hibernation goes back to work, a wake to sleep.
    ///
    /// - Returns: the cluster with the operation that takes back, or with the cancelled one.
    /// - Throws: `not-ready` for operations that end by themselves, or have ended.
    public func cancelOperation(_ id: String, _ request: CancelOperation, for caller: Caller) async throws(Problem) -> Accepted {
        let answer: Accepted = try await ledger.transact { snapshot, draft throws(Problem) in
            let operation = try snapshot.operation(ID(id), for: caller)
            try caller.requireMember("cancel operations")
            let entry = try Self.cluster(of: operation.value, in: snapshot)
            if operation.value.state == .cancelled { return Accepted(operation: operation.value, cluster: entry.value) }
            guard !operation.value.state.isFinal else {
                throw Problem(.notReady, "The operation has ended already: it \(operation.value.state.rawValue).")
            }
            return try Cancellation(ids: self.ids, now: self.clock()).cancel(
                operation, of: entry, then: request.then, by: caller.name, &draft)
        }
        runner.wake()
        return answer
    }

    /// Goes on with the last operation of a cluster at the step that failed or was cancelled; what was done before stays done.
    ///
    /// - Throws: `not-ready` when the operation did not fail, is not the cluster's last one, or is of a kind that leaves nothing to go on with.
    public func retryOperation(_ id: String, for caller: Caller) async throws(Problem) -> Accepted {
        let answer: Accepted = try await ledger.transact { snapshot, draft throws(Problem) in
            let operation = try snapshot.operation(ID(id), for: caller)
            try caller.requireMember("retry operations")
            let entry = try Self.cluster(of: operation.value, in: snapshot)
            guard operation.value.state != .running else { return Accepted(operation: operation.value, cluster: entry.value) }
            guard entry.value.operation == operation.value.id, operation.value.state != .succeeded,
                let phase = operation.value.kind.phaseWhileRunning,
                entry.value.phase == .failed || operation.value.kind.leavesWorking && entry.value.phase == .ready
            else {
                throw Problem(
                    .notReady,
                    "There is nothing to go on with: the operation \(operation.value.state.rawValue), the cluster is \(entry.value.phase.rawValue)."
                )
            }
            let retried = OperationMachine.retried(operation.value)
            let cluster = self.changed(entry.value, phase: phase)
            try draft.replace(operation, with: retried, at: Keys.operation(retried.id))
            try draft.replace(entry, with: cluster, at: cluster.key)
            try draft.record(
                self.event(
                    "operation.retried", by: caller.name, "The \(retried.kind.rawValue) of cluster '\(cluster.name)' goes on.",
                    tenant: cluster.tenant, project: cluster.project, cluster: cluster.id, operation: retried.id))
            return Accepted(operation: retried, cluster: cluster)
        }
        runner.wake()
        return answer
    }

    private static func cluster(of operation: Operation, in snapshot: Snapshot) throws(Problem) -> Entry<Cluster> {
        guard let entry = snapshot.cluster(operation.cluster) else {
            throw Problem(.notReady, "The cluster '\(operation.clusterName)' of this operation is gone.")
        }
        return entry
    }

    private func changed(_ cluster: Cluster, phase: Cluster.Phase) -> Cluster {
        var cluster = cluster
        cluster.phase = phase
        cluster.updatedAt = clock()
        return cluster
    }
}

extension Operation.Kind {
    /// Of those that fail as a whole, and so can go on where they failed.
    fileprivate var phaseWhileRunning: Cluster.Phase? {
        switch self {
        case .create: .provisioning
        case .delete: .deleting
        case .resize, .upgrade: .updating
        case .repair, .replace: .updating
        default: nil
        }
    }
}
