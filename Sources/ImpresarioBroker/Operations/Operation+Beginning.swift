// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel

extension Operation {
    /// One that is about to begin, with all steps of its kind before it.
    init(_ kind: Kind, of cluster: Cluster, by actor: String, nodes: [ID<Node>]? = nil, _ ids: IdentifierSource, at now: Timestamp) {
        self.init(
            id: ids.draw(prefix: "o"), kind: kind, cluster: cluster.id, clusterName: cluster.name, tenant: cluster.tenant,
            project: cluster.project, requestedBy: actor, steps: OperationMachine.steps(of: kind), nodes: nodes, createdAt: now)
    }
}

extension Draft {
    /// Hands a cluster to an operation that begins: only that one may write to it from now on.
    ///
    /// - Parameter changed: the record as it is to be, but for phase and operation.
    mutating func hand(
        _ entry: Entry<Cluster>, _ changed: Cluster, to operation: Operation, phase: Cluster.Phase
    ) throws(Problem) -> Accepted {
        var cluster = changed
        cluster.phase = phase
        cluster.operation = operation.id
        cluster.updatedAt = operation.createdAt
        try replace(entry, with: cluster, at: cluster.key)
        try insert(operation, at: Keys.operation(operation.id))
        return Accepted(operation: operation, cluster: cluster)
    }
}
