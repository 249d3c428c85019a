// SPDX-License-Identifier: Apache-2.0

extension Cluster {
    /// What this cluster counts as at every level above it; the sum over clusters is what is used, and nothing else is.
    ///
    /// A hibernated cluster gives back cpu and memory and keeps the rest. One without nodes counts nothing, be it queued or nearly deleted: it
    /// is promised nothing. A node that takes another's place counts with that one, and the surge of a group counts always.
    ///
    /// - Throws: ``Problem`` `invalid-quantity` when it cannot be counted.
    public func use() throws(Problem) -> ResourceVector {
        if nodes.isEmpty { return [:] }
        var sum: ResourceVector = [ResourceVector.cluster: 1, ResourceVector.cluster(ofType: type): 1]
        for node in nodes where node.replaces == nil {
            sum = try sum.adding(charged(node))
            sum[ResourceVector.node] += 1
        }
        for group in groups {
            guard let surge = group.surge, surge > 0, let size = nodes.first(where: { $0.group == group.name }) else { continue }
            sum = try sum.adding(charged(size).multiplied(by: surge))
            sum[ResourceVector.node] += Int64(surge)
        }
        return sum
    }

    /// What a node takes of its host: while it is hibernated, its disk and what else is not cpu or memory. A lost node that is replaced on its
    /// own host has handed its room over.
    public func occupied(by node: Node) -> ResourceVector {
        if node.state == .lost, nodes.contains(where: { $0.replaces == node.id && $0.host == node.host }) { return [:] }
        return charged(node)
    }

    /// What sleeps is not woken to be deleted: what it gave back may be somebody else's by then.
    private func charged(_ node: Node) -> ResourceVector {
        guard phase == .hibernated || (phase == .deleting && node.state == .stopped) else { return node.resources }
        var kept = node.resources
        kept[ResourceVector.cpu] = 0
        kept[ResourceVector.memory] = 0
        return kept
    }
}
