// SPDX-License-Identifier: Apache-2.0

import ImpresarioInfrastructure
import ImpresarioModel
import ImpresarioPlugins
import ImpresarioStore

/// The steps of operations, each idempotent: begun again after any interruption, it ends as if it had been done once.
///
/// A step reads the newest record, acts through driver and plugin, and records what became true. It decides nothing about retries or ends;
/// that is ``OperationMachine``'s.
struct ClusterSteps: Sendable {
    let ledger: Ledger
    let parts: Broker.Parts
    let operation: Operation
    let conversation: PluginConversation

    var fence: Fence { conversation.fence }

    func perform(_ step: String, until deadline: Timestamp) async throws(Problem) {
        if operation.kind.isUnnoticed { return try await performMove(step, until: deadline) }
        if operation.kind.isChange { return try await performChange(step, until: deadline) }
        if operation.kind.isMending { return try await performMending(step, until: deadline) }
        switch step {
        case "provision": try await provision()
        case "bootstrap": try await bootstrap(until: deadline)
        case "join": try await join(until: deadline)
        case "health": try await awaitHealth(until: deadline) { $0 == .healthy }
        case "endpoints": try await revealEndpoints()
        case "stop": try await stopNodes()
        case "start": try await startNodes()
        case "release": try await release(until: deadline)
        case "nodes": try await bury(try cluster().nodes)
        case "forget": try await forgetBelongings()
        default: throw Problem(.internal, "There is no step '\(step)'.")
        }
    }

    // MARK: create

    func provision() async throws(Problem) {
        let cluster = try cluster()
        guard let project = ledger.snapshot.project(of: cluster)?.value else { throw Problem(.internal, "The cluster's project is gone.") }
        let zones = ledger.snapshot.zones
        let living = cluster.nodes.filter { $0.state != .lost && $0.state != .leaving }
        let peers = Dictionary(living.map { ($0.name, $0.address) }, uniquingKeysWith: { first, _ in first })
        let done = Counter()
        let fresh = living.filter { $0.state == .planned }
        conversation.onProgress(0, "making \(fresh.count) nodes")
        _ = try await concurrently(living, limit: parts.parallelism) { (node) async throws(Problem) in
            let packages = packages(of: node, in: cluster)
            let specification = NodeSpecification(
                id: node.id, name: node.name, cluster: cluster.id, project: cluster.project, network: project.network,
                address: node.address, resources: node.resources, packages: packages,
                allowsEgress: zones[Keys.zone(node.zone)]?.value.allowsEgress ?? false, peers: peers)
            guard node.state == .planned else {
                // It is there; all it gets are the names of the new ones, and a node that is away now does without.
                do throws(Problem) { try await parts.driver(of: node).create(specification) } catch {
                    if Task.isCancelled { throw error }
                }
                return
            }
            try await parts.driver(of: node).create(specification)
            let count = done.increment()
            conversation.onProgress(10_000 * count / fresh.count, "\(count) of \(fresh.count) nodes made")
        }
        try await update { cluster in
            for index in cluster.nodes.indices where cluster.nodes[index].state == .planned { cluster.nodes[index].state = .running }
        }
    }

    /// Of a node that is older than the operation: as it was made.
    private func packages(of node: Node, in cluster: Cluster) -> [String] {
        let before = node.state == .planned ? nil : operation.change?.groups.first { $0.name == node.group }
        return (before ?? cluster.groups.first { $0.name == node.group })?.packages ?? []
    }

    private func bootstrap(until deadline: Timestamp) async throws(Problem) {
        let cluster = try await fenced()
        let result: JoinResult = try await conversation.call(.bootstrap, of: cluster, timeout: remaining(deadline))
        try await markJoined(result.joined, of: cluster, by: .bootstrap)
    }

    func join(until deadline: Timestamp) async throws(Problem) {
        for group in try cluster().groups {
            while true {
                let cluster = try await fenced()
                let waiting = cluster.nodes.filter { $0.group == group.name && $0.state == .running }
                guard !waiting.isEmpty else { break }
                let batch = waiting.prefix(group.batch)
                conversation.onProgress(
                    10_000 * (cluster.nodes.count - waiting.count) / max(1, cluster.nodes.count),
                    "joining \(batch.map(\.name).joined(separator: ", "))")
                let ids = batch.map { JSONValue.string($0.id.rawValue) }
                let result: JoinResult = try await conversation.call(
                    .join, of: cluster, args: ["nodes": .array(ids)], timeout: remaining(deadline))
                guard batch.contains(where: { result.joined.contains($0.id.rawValue) }) else {
                    throw Problem(
                        .pluginFailed, "The plugin '\(cluster.plugin.id)' joined none of \(batch.map(\.name).joined(separator: ", ")).")
                }
                try await markJoined(result.joined, of: cluster, by: .join)
            }
        }
    }

    func awaitHealth(until deadline: Timestamp, _ isEnough: (Cluster.Health) -> Bool) async throws(Problem) {
        _ = try await fenced()
        var pause = Duration.milliseconds(200)
        while true {
            let cluster = try cluster()
            let report: HealthReport = try await conversation.call(.health, of: cluster, timeout: min(remaining(deadline), .seconds(60)))
            if isEnough(report.health) {
                try await update { $0.apply(report) }
                return
            }
            let reason = report.conditions?.first { $0.severity != .info }?.message ?? report.nodes?.compactMap(\.reason).first
            guard parts.clock() < deadline else {
                throw Problem(
                    .deadlineExceeded,
                    "The cluster is \(report.health.rawValue)\(reason.map { ": \($0)" } ?? " and did not become healthy in time").")
            }
            conversation.onProgress(5000, "\(report.health.rawValue)\(reason.map { ": \($0)" } ?? "")")
            do { try await parts.time.sleep(for: pause) } catch { throw Problem(.cancelled, "The operation was cancelled.") }
            pause = min(pause * 2, .seconds(2))
        }
    }

    func revealEndpoints() async throws(Problem) {
        let endpoints = try await parts.exposed(try cluster())
        try await update { $0.endpoints = endpoints }
    }

    // MARK: delete

    /// The plugin's chance to give back what stands outside the nodes. Its failure is told and not in the way.
    private func release(until deadline: Timestamp) async throws(Problem) {
        do throws(Problem) {
            let cluster = try await fenced()
            guard cluster.nodes.contains(where: { $0.state == .joined }) else { return }
            _ = try await conversation.call(.verb(.destroy), of: cluster, timeout: min(remaining(deadline), .seconds(30)))
        } catch {
            if error.is(.cancelled) && Task.isCancelled { throw error }
            conversation.onEvent("release-failed", ["message": .string(error.message)])
        }
    }

    /// State, secrets and bindings, in as many commits as the store's limits ask for. The record itself goes with the operation's end.
    private func forgetBelongings() async throws(Problem) {
        do throws(StoreError) {
            let id = operation.cluster
            _ = try await parts.store.commit(Transaction(writes: [.delete(Keys.plan(id)), .delete(Keys.formerPlan(id))]))
            for prefix in [Keys.state(id, ""), Keys.secret(id, ""), "bindings/\(id)/", Keys.moves(of: id), Keys.copies(of: id)] {
                while true {
                    let keys = try await parts.store.list(prefix: prefix).records.prefix(StoreLimits.operationsPerTransaction).map(\.key)
                    if keys.isEmpty { break }
                    _ = try await parts.store.commit(Transaction(writes: keys.map { .delete($0) }))
                }
            }
        } catch { throw Ledger.problem(error) }
    }

    // MARK: parts of steps

    func cluster() throws(Problem) -> Cluster {
        guard let entry = ledger.snapshot.cluster(operation.cluster) else { throw Problem(.notFound, "The cluster is gone.") }
        return entry.value
    }

    /// The cluster, with no command of an earlier attempt running on its nodes.
    func fenced() async throws(Problem) -> Cluster {
        let cluster = try cluster()
        guard fence.attempt > 1 else { return cluster }
        let snapshot = ledger.snapshot
        let answering = cluster.nodes.filter { $0.state != .planned && $0.state != .lost && !snapshot.isDown($0.host) }
        _ = try await concurrently(answering, limit: parts.parallelism) { (node) async throws(Problem) in
            try await parts.driver(of: node).enforce(fence, on: node.id)
        }
        return cluster
    }

    func remaining(_ deadline: Timestamp) throws(Problem) -> Duration {
        let rest = deadline - parts.clock()
        guard rest > .zero else { throw Problem(.deadlineExceeded, "The step's time is over.") }
        return rest
    }

    private func markJoined(_ ids: [String], of cluster: Cluster, by verb: PluginVerb) async throws(Problem) {
        for id in ids where !cluster.nodes.contains(where: { $0.id.rawValue == id }) {
            throw Problem(
                .pluginFailed,
                "The plugin '\(cluster.plugin.id)' answered '\(verb.rawValue)' with a node '\(id.prefix(80))' that the cluster does not have."
            )
        }
        try await update { cluster in
            for index in cluster.nodes.indices where ids.contains(cluster.nodes[index].id.rawValue) { cluster.nodes[index].state = .joined }
        }
    }

    /// Changes the record as long as this operation is the one that may.
    func update(_ change: (inout Cluster) -> Void) async throws(Problem) {
        try await ledger.transact { snapshot, draft throws(Problem) in
            guard let entry = snapshot.cluster(operation.cluster), entry.value.operation == operation.id else {
                throw Problem(.cancelled, "Another operation took over.")
            }
            var cluster = entry.value
            change(&cluster)
            guard cluster != entry.value else { return }
            cluster.updatedAt = parts.clock()
            try draft.replace(entry, with: cluster, at: cluster.key)
        }
    }
}

extension Cluster {
    mutating func apply(_ report: HealthReport) {
        health = report.health
        conditions = report.conditions ?? []
        if let version = report.version { self.version = version }
    }
}
