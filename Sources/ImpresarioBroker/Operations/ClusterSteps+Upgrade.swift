// SPDX-License-Identifier: Apache-2.0

import ImpresarioInfrastructure
import ImpresarioModel
import ImpresarioPlugins

/// The steps of an engine's upgrade: the plugin is told before and after, and between these the nodes go one batch after another.
///
/// Which nodes are still to go is on record in the operation. Groups with surge get new nodes in the place of old ones; the others are upgraded
/// where they are, as many at once as the group bears to miss.
extension ClusterSteps {
    func upgrade(_ phase: String, _ nodes: [Node] = [], until deadline: Timestamp) async throws(Problem) {
        let cluster = try await fenced()
        let args: JSONValue = [
            "phase": .string(phase), "nodes": .array(nodes.map { .string($0.id.rawValue) }), "to": .string(cluster.version ?? ""),
        ]
        _ = try await conversation.call(.verb(.upgrade), of: cluster, args: args, timeout: remaining(deadline))
    }

    func roll(until deadline: Timestamp) async throws(Problem) {
        let all = try waiting().count
        for group in try cluster().groups {
            while true {
                let nodes = try waiting().filter { $0.group == group.name }
                guard !nodes.isEmpty else { break }
                // The youngest first: what leads is more often the oldest.
                let batch = Array(nodes.sorted { $0.ordinal > $1.ordinal }.prefix(group.share))
                conversation.onProgress(
                    10_000 * (all - (try waiting().count)) / max(1, all), "upgrading \(batch.map(\.name).joined(separator: ", "))")
                if (group.surge ?? 0) > 0 {
                    try await replace(batch, until: deadline)
                } else {
                    try await upgrade("nodes", batch, until: deadline)
                    try await strike(batch)
                }
                let before = operation.change?.health ?? .healthy
                try await awaitHealth(until: deadline) { $0.isNoWorse(than: before) }
            }
        }
    }

    /// Those on record as still to be upgraded, as far as they are there.
    private func waiting() throws(Problem) -> [Node] {
        let ids = Set(ledger.snapshot.operation(operation.id)?.value.nodes ?? [])
        return try cluster().nodes.filter { ids.contains($0.id) && $0.state != .lost }
    }

    private func strike(_ done: [Node]) async throws(Problem) {
        let ids = Set(done.map(\.id))
        try await ledger.transact { snapshot, draft throws(Problem) in
            guard let entry = snapshot.operation(operation.id), entry.value.state == .running else {
                throw Problem(.cancelled, "Another operation took over.")
            }
            var operation = entry.value
            operation.nodes?.removeAll(where: ids.contains)
            try draft.replace(entry, with: operation, at: Keys.operation(operation.id))
        }
    }

    /// New nodes come, join, and the old ones leave.
    private func replace(_ old: [Node], until deadline: Timestamp) async throws(Problem) {
        try await ledger.transact { snapshot, draft throws(Problem) in
            guard let entry = snapshot.cluster(operation.cluster), entry.value.operation == operation.id else {
                throw Problem(.cancelled, "Another operation took over.")
            }
            var cluster = entry.value
            let homeless = old.filter { node in !cluster.nodes.contains { $0.replaces == node.id && $0.state != .lost } }
            guard !homeless.isEmpty else { return }
            cluster.nodes += try Replacement(snapshot: snapshot, ids: parts.ids).replace(homeless, of: cluster, on: .handover)
            cluster.updatedAt = parts.clock()
            draft.orderAdmission(after: snapshot)
            try draft.replace(entry, with: cluster, at: cluster.key)
        }
        try await provision()
        try await join(until: deadline)
        let ids = Set(old.map(\.id))
        let new = try cluster().nodes.filter { $0.replaces.map(ids.contains) == true }
        try await leave(old, isLost: false, replacedBy: new, until: deadline)
        try await remove(old)
    }
}

extension NodeGroup {
    /// How many nodes may go at once: as many as can be added beside them, else as many as may be away.
    var share: Int {
        if let surge, surge > 0 { return surge }
        let away = disruption?.maxUnavailable ?? 1
        return max(1, disruption?.quorum == true ? min(away, (count - 1) / 2) : away)
    }
}
