// SPDX-License-Identifier: Apache-2.0

import ImpresarioInfrastructure
import ImpresarioModel
import ImpresarioPlugins
import ImpresarioStore

/// The steps of changes to a cluster that works: nodes come, parameters change, nodes go.
///
/// Each looks at what is on record and does what is missing, so it makes no difference who left it so: an attempt before this one, or an operation
/// that failed.
extension ClusterSteps {
    func performChange(_ step: String, until deadline: Timestamp) async throws(Problem) {
        switch step {
        case "provision": try await provision()
        case "join": try await join(until: deadline)
        case "configure": try await configure(until: deadline)
        case "victims": try await chooseVictims(until: deadline)
        case "leave": try await leave(until: deadline)
        case "prepare", "finish": try await upgrade(step, until: deadline)
        case "roll": try await roll(until: deadline)
        case "nodes": try await removeLeaving()
        case "revert": try await revert()
        case "health":
            let before = operation.change?.health ?? .healthy
            try await awaitHealth(until: deadline) { $0.isNoWorse(than: before) }
        case "endpoints": try await revealEndpoints()
        default: throw Problem(.internal, "There is no step '\(step)'.")
        }
    }

    private func configure(until deadline: Timestamp) async throws(Problem) {
        guard let change = operation.change else { throw Problem(.internal, "The operation does not say what it changes.") }
        let cluster = try await fenced()
        _ = try await conversation.call(
            .verb(.configure), of: cluster, args: ["old": change.parameters, "new": cluster.parameters], timeout: remaining(deadline))
    }

    /// Marks nodes as leaving until each group has no more than its count. Those that were never made are gone at once.
    private func chooseVictims(until deadline: Timestamp) async throws(Problem) {
        let cluster = try await fenced()
        guard !cluster.surplus.isEmpty else { return }
        let report = try await health(of: cluster, until: deadline)
        let victims = try cluster.victims(report)
        let unmade = victims.filter { $0.state == .planned }
        try await bury(unmade)
        try await update { cluster in
            for index in cluster.nodes.indices where victims.contains(where: { $0.id == cluster.nodes[index].id }) {
                cluster.nodes[index].state = .leaving
            }
        }
        conversation.onProgress(10_000, victims.map(\.name).joined(separator: ", "))
    }

    /// In the groups' opposite order, for those that come first carry the others.
    private func leave(until deadline: Timestamp) async throws(Problem) {
        let all = try cluster().nodes.filter { $0.state == .leaving }
        guard !all.isEmpty else { return }
        // Who does not answer cannot be asked to leave; the others take it out. When nobody can tell, all are asked.
        let fenced = try await fenced()
        let report = try? await health(of: fenced, until: deadline)
        if Task.isCancelled { throw Problem(.cancelled, "The operation was cancelled.") }
        var gone = 0
        for group in try cluster().groups.reversed() {
            let nodes = all.filter { $0.group == group.name }.sorted { $0.ordinal > $1.ordinal }
            let lost = nodes.filter { isLost($0, report) }
            let answering = nodes.filter { !isLost($0, report) }
            let size = group.disruption?.quorum == true ? 1 : group.batch
            for (batch, isLost) in lost.batches(of: size).map({ ($0, true) }) + answering.batches(of: size).map({ ($0, false) }) {
                conversation.onProgress(10_000 * gone / all.count, "taking out \(batch.map(\.name).joined(separator: ", "))")
                try await leave(Array(batch), isLost: isLost, until: deadline)
                gone += batch.count
            }
        }
    }

    /// Takes nodes out of the engine.
    func leave(
        _ nodes: [Node], isLost: Bool, replacedBy: [Node] = [], until deadline: Timestamp
    ) async throws(Problem) {
        let rest = try remaining(deadline)
        var args: [String: JSONValue] = [
            "nodes": .array(nodes.map { .string($0.id.rawValue) }), "lost": .bool(isLost),
            "drain_deadline": .number(min(parts.options.drainTime, rest / 2).seconds),
        ]
        if !replacedBy.isEmpty { args["replaced_by"] = .array(replacedBy.map { .string($0.id.rawValue) }) }
        _ = try await conversation.call(.verb(.leave), of: try await fenced(), args: .object(args), timeout: rest)
    }

    private func removeLeaving() async throws(Problem) {
        try await remove(try cluster().nodes.filter { $0.state == .leaving })
    }

    /// Destroys nodes that are no members any more, and takes them off the record.
    func remove(_ nodes: [Node]) async throws(Problem) {
        try await bury(nodes)
        try await update { cluster in
            cluster.groups.removeAll { group in group.count == 0 && !cluster.nodes.contains { $0.group == group.name } }
        }
    }

    /// Back to what was on record before. Nodes that have left stay away until the next change makes up for them. An upgrade whose plugin has been
    /// told cannot be taken back; of it only the nodes go that have not joined, and those whose successors have.
    private func revert() async throws(Problem) {
        guard let change = operation.change else { throw Problem(.internal, "The operation does not say what it changes.") }
        func hasBegun(_ step: String) -> Bool { operation.steps.contains { $0.name == step && $0.attempts > 0 } }
        if hasBegun("prepare") {
            try await remove(try cluster().nodes.filter { $0.state == .planned })
            return try await update { cluster in
                let succeeded = Set(cluster.nodes.filter { $0.state == .joined }.compactMap(\.replaces))
                for index in cluster.nodes.indices
                where cluster.nodes[index].state == .running || succeeded.contains(cluster.nodes[index].id) {
                    cluster.nodes[index].state = .leaving
                }
            }
        }
        let isLeaving = hasBegun("leave")
        let former: PlanRecord? = try await parts.store.record(at: Keys.formerPlan(operation.cluster))
        try await update { cluster in
            if !isLeaving {
                for index in cluster.nodes.indices where cluster.nodes[index].state == .leaving { cluster.nodes[index].state = .joined }
            }
            cluster.parameters = change.parameters
            cluster.version = change.version
            cluster.groups =
                change.groups
                + cluster.groups.filter { group in !change.groups.contains { $0.name == group.name } }.map {
                    var group = $0
                    group.count = 0
                    return group
                }
        }
        if let former {
            try await ledger.transact { _, draft throws(Problem) in try draft.put(former, at: Keys.plan(operation.cluster)) }
        }
    }

    private func health(of cluster: Cluster, until deadline: Timestamp) async throws(Problem) -> HealthReport {
        try await conversation.call(.health, of: cluster, timeout: min(remaining(deadline), .seconds(60)))
    }

    private func isLost(_ node: Node, _ report: HealthReport?) -> Bool {
        node.state == .lost || ledger.snapshot.isDown(node.host)
            || report?.nodes?.first { $0.id == node.id.rawValue }?.state == .down
    }
}

extension Cluster {
    /// The groups that have more nodes than they should, and by how many.
    var surplus: [(group: NodeGroup, count: Int)] {
        groups.compactMap { group in
            let count = staying(in: group).count - group.count
            return count > 0 ? (group, count) : nil
        }
    }

    /// Which nodes go so that there is no surplus.
    func victims(_ report: HealthReport) throws(Problem) -> [Node] {
        let reports = Dictionary((report.nodes ?? []).map { ($0.id, $0) }, uniquingKeysWith: { $1 })
        var victims: [Node] = []
        for (group, count) in surplus {
            victims += try VictimChoice.choose(count, from: group, members: staying(in: group), reports: reports)
        }
        return victims
    }

    private func staying(in group: NodeGroup) -> [Node] {
        nodes.filter { $0.group == group.name && $0.state != .leaving && $0.replaces == nil }
    }
}

extension Duration {
    fileprivate var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
