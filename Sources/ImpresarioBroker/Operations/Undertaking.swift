// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel

/// The beginning of an operation on a cluster that stands, for whoever decides it: a tenant, an admin, the end of a lease.
struct Undertaking {
    let ids: IdentifierSource
    let now: Timestamp

    /// Records the operation and hands it the cluster.
    ///
    /// - Parameters:
    ///   - nodes: those that go.
    ///   - change: what of the record is so from now on.
    /// - Throws: `conflict` while another operation has the cluster.
    func begin(
        _ kind: Operation.Kind, on entry: Entry<Cluster>, by actor: String, _ event: (type: String, message: String), in snapshot: Snapshot,
        nodes: [ID<Node>]? = nil, _ draft: inout Draft, _ change: (inout Cluster) -> Void = { _ in }
    ) throws(Problem) -> Accepted {
        if let running = snapshot.runningOperation(of: entry.value)?.value { throw .busy(entry.value, with: running) }
        var cluster = entry.value
        change(&cluster)
        let operation = Operation(kind, of: cluster, by: actor, nodes: nodes, ids, at: now)
        try draft.record(
            Event(
                id: ids.draw(prefix: "e"), at: now, type: event.type, actor: actor, message: event.message, tenant: cluster.tenant,
                project: cluster.project, cluster: cluster.id, operation: operation.id))
        return try draft.hand(entry, cluster, to: operation, phase: .updating)
    }
}

extension Problem {
    /// Whoever wants to write to a cluster waits for the operation that has it.
    static func busy(_ cluster: Cluster, with operation: Operation) -> Problem {
        Problem(
            .conflict, "Cluster '\(cluster.name)' is busy with \(operation.kind.rawValue).",
            remedy: "Wait for its end: imp operation watch \(operation.id).", facts: ["operation": .string(operation.id.rawValue)])
    }
}
