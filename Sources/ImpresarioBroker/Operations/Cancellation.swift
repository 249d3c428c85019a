// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel

/// What becomes of a cluster whose operation is called off; decided in the commit that calls it off.
struct Cancellation {
    let ids: IdentifierSource
    let now: Timestamp

    /// - Returns: the cluster with the operation that takes back what was done, or with the cancelled one where there is nothing to take back.
    /// - Throws: `not-ready` for operations that end by themselves, `invalid-parameters` for a wish that makes no sense for this one.
    func cancel(
        _ operation: Entry<Operation>, of entry: Entry<Cluster>, then wish: CancelOperation.Wish?, by actor: String, _ draft: inout Draft
    ) throws(Problem) -> Accepted {
        let kind = operation.value.kind
        try check(wish, for: operation.value)
        let cancelled = OperationMachine.apply(.cancel, to: operation.value, now: now)
        try draft.replace(operation, with: cancelled, at: Keys.operation(cancelled.id))
        try draft.record(
            Event(
                id: ids.draw(prefix: "e"), at: now, type: "operation.cancelled", actor: actor,
                message: "The \(kind.rawValue) of cluster '\(cancelled.clusterName)' was cancelled.", tenant: cancelled.tenant,
                project: cancelled.project, cluster: cancelled.cluster, operation: cancelled.id))
        var cluster = entry.value
        switch kind {
        case .create where wish != .keep || operation.value.state == .queued:
            return try Deletion(ids: ids, now: now).begin(entry, by: actor, &draft)
        case .create: cluster.phase = .failed
        case .hibernate: cluster.resume()
        case .wake: return try draft.hand(entry, cluster, to: Operation(.hibernate, of: cluster, by: actor, ids, at: now), phase: .updating)
        default:
            if wish != .keep, let undo = undoing(cancelled, by: actor) {
                return try draft.hand(entry, cluster, to: undo, phase: .updating)
            }
            cluster.phase = .ready
            cluster.setFindings(after: cancelled)
        }
        cluster.updatedAt = now
        try draft.replace(entry, with: cluster, at: cluster.key)
        return Accepted(operation: cancelled, cluster: cluster)
    }

    private func check(_ wish: CancelOperation.Wish?, for operation: Operation) throws(Problem) {
        switch operation.kind {
        case .create: return
        case .hibernate, .wake, .resize, .upgrade:
            guard wish == .delete else { return }
            throw Problem(
                .invalidParameters, "A \(operation.kind.rawValue) can be taken back or left as it is; it deletes nothing.", field: "/then",
                remedy: "Say undo or keep; imp cluster delete \(operation.clusterName) deletes.")
        case .repair, .replace, .custom, .delete, .move, .rollback:
            throw Problem(
                .notReady, "A \(operation.kind.rawValue) cannot be cancelled.",
                remedy: "It ends within the deadlines of its steps: imp operation watch \(operation.id).")
        }
    }

    /// What was begun is on it as done, so that its steps know what there is to take back.
    private func undoing(_ cancelled: Operation, by actor: String) -> Operation? {
        guard let steps = OperationMachine.undo(of: cancelled.kind) else { return nil }
        var undo = cancelled
        undo.id = ids.draw(prefix: "o")
        undo.requestedBy = actor
        undo.state = .running
        undo.problem = nil
        undo.createdAt = now
        undo.finishedAt = nil
        undo.steps =
            cancelled.steps.filter { $0.attempts > 0 }.map { step in
                var step = step
                step.state = .done
                step.progress = 10_000
                step.problem = nil
                return step
            } + steps
        return undo
    }
}
