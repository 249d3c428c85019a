// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioBroker
import ImpresarioInfrastructure
import ImpresarioModel
import ImpresarioPlugins
import ImpresarioStore
import Synchronization

/// One cluster, made and changed by the steps of the broker's operations, with somebody who watches and interferes.
final class StagedCluster {
    let stage: Stage
    private(set) var record: Cluster
    private let parts: Broker.Parts
    /// What plugins were seen to keep; by key.
    private(set) var state: [String: Data] = [:]
    private(set) var secrets: [String: Data] = [:]
    /// Forbidden host functions, as `health: node_put`.
    private(set) var violations: [String] = []
    private var operations = 0
    var onCall: @Sendable (HostCall) -> Void = { _ in }
    var onLog: @Sendable (String) -> Void = { _ in }

    var nodes: [Node] { record.nodes }

    init(_ stage: Stage, parameters: JSONValue, plan: ClusterPlan, name: String = "verify") throws(Problem) {
        self.stage = stage
        let ids = IdentifierSource()
        let now = Timestamp.now()
        var groups: [NodeGroup] = []
        var nodes: [Node] = []
        for group in plan.groups where group.count > 0 {
            guard let flavor = stage.flavors.first(where: { $0.name == group.flavor }) else {
                let known = stage.flavors.map(\.name).joined(separator: ", ")
                throw Problem(
                    .unknownFlavor, "The plan's group '\(group.name)' has the flavor '\(group.flavor)', which no new installation has.",
                    remedy: "Let the defaults name one of: \(known).")
            }
            groups.append(
                NodeGroup(
                    name: group.name, role: group.role, count: group.count, flavor: group.flavor, packages: group.packages ?? [],
                    batch: max(1, group.batch ?? 1), spread: group.spread))
            for ordinal in 0..<group.count {
                nodes.append(
                    Node(
                        id: ids.draw(prefix: "n"), name: Admission.nodeName(name, group.name, ordinal), group: group.name, ordinal: ordinal,
                        flavor: group.flavor, resources: flavor.resources, zone: "local", host: "local",
                        address: try stage.ground.takeAddress()))
            }
        }
        let project = stage.project
        record = Cluster(
            id: ids.draw(prefix: "c"), name: name, tenant: project.tenant, tenantName: project.tenantName, project: project.id,
            projectName: project.name, type: stage.type.id, plugin: stage.library.pin, parameters: parameters, labels: [:],
            groups: groups, nodes: nodes,
            endpoints: (plan.endpoints ?? []).map { Endpoint(name: $0.name, group: $0.group, port: $0.port, expose: $0.expose) },
            phase: .provisioning, health: .unknown, conditions: [], version: plan.version, operation: nil, createdAt: now, updatedAt: now)
        parts = Broker.Parts(
            store: MemoryStore(), plugins: Unused(), drivers: ["local": stage.ground.driver], secrets: SecretBox(),
            logger: stage.ground.logger)
    }

    /// An operation's id, for verbs and their repetitions.
    func operation(_ kind: String) -> String {
        operations += 1
        return "\(kind)-\(operations)-\(record.id)"
    }

    func name(of id: String) -> String { record.nodes.first { $0.id.rawValue == id }?.name ?? id }

    // MARK: - Nodes

    private var driver: any InfrastructureDriver { stage.ground.driver }

    func provision() async throws(Problem) {
        try await make(record.nodes)
        for index in record.nodes.indices { self.record.nodes[index].state = .running }
    }

    /// A node that runs and is no member yet, with the name and place of one that is gone.
    func add(replacing old: Node) async throws(Problem) -> Node {
        var node = old
        node.id = IdentifierSource().draw(prefix: "n")
        node.address = try stage.ground.takeAddress()
        node.state = .planned
        record.nodes.append(node)
        try await make([node])
        node.state = .running
        record.nodes[record.nodes.count - 1] = node
        return node
    }

    private func make(_ nodes: [Node]) async throws(Problem) {
        let (driver, record, network) = (driver, record, stage.ground.network)
        let peers = Dictionary(record.nodes.map { ($0.name, $0.address) }, uniquingKeysWith: { first, _ in first })
        try await each(nodes) { (node) async throws(Problem) in
            try await driver.create(
                NodeSpecification(
                    id: node.id, name: node.name, cluster: record.id, project: record.project, network: network, address: node.address,
                    resources: node.resources, packages: record.groups.first { $0.name == node.group }?.packages ?? [], allowsEgress: true,
                    peers: peers))
        }
    }

    func destroyNodes() async throws(Problem) {
        let nodes = record.nodes
        let (driver, ground) = (driver, stage.ground)
        record.nodes = []
        try await each(nodes) { (node) async throws(Problem) in
            try await driver.destroy(node.id)
            ground.giveBack(node.address)
        }
    }

    func stop(_ node: Node) async throws(Problem) { try await driver.stop(node.id, grace: .zero) }
    func start(_ node: Node) async throws(Problem) { try await driver.start(node.id) }

    /// The node is destroyed and no longer the cluster's.
    func drop(_ node: Node) async throws(Problem) {
        try await driver.destroy(node.id)
        stage.ground.giveBack(node.address)
        record.nodes.removeAll { $0.id == node.id }
    }

    func setState(_ state: Node.State, of node: Node) {
        if let index = record.nodes.firstIndex(where: { $0.id == node.id }) { record.nodes[index].state = state }
    }

    private func each(_ nodes: [Node], _ work: @escaping @Sendable (Node) async throws(Problem) -> Void) async throws(Problem) {
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for node in nodes { group.addTask { try await work(node) } }
                try await group.waitForAll()
            }
        } catch { throw Problem(wrapping: error) }
    }

    // MARK: - Calls

    /// A call as the broker makes it, with commands of earlier attempts killed first.
    ///
    /// - Parameter guests: the process to call in; nil starts one for this call.
    func call(
        _ target: PluginCall.Target, operation: String, kind: String = "create", attempt: Int = 1, args: JSONValue = [:],
        in guests: Guests? = nil, interference: Interference? = nil, timeout: Duration? = nil
    ) async throws -> CallRecord {
        guard let guests else {
            return try await stage.library.withGuests { guests in
                try await call(
                    target, operation: operation, kind: kind, attempt: attempt, args: args, in: guests, interference: interference,
                    timeout: timeout)
            }
        }
        let fence = Fence(operation: operation, attempt: attempt)
        if attempt > 1 { for node in record.nodes where node.state != .stopped { try? await driver.enforce(fence, on: node.id) } }
        let context = try await parts.context(of: record, network: stage.ground.network, fence: fence, kind: kind, args: args)
        let stop = Stop()
        let pool = guests.pool
        let services = WatchedServices(
            parts.services(for: record, fence: fence), names: Dictionary(record.nodes.map { ($0.id.rawValue, $0.name) }) { $1 },
            interference: interference, act: { interference?.kind == .kill ? await pool.shutdown() : stop.pull() }, onCall: onCall,
            onLog: onLog)
        let invocation = PluginCall(
            plugin: stage.library.pin, type: stage.type.id, target: target, context: context, tenant: record.tenant,
            timeout: stage.callTimeout ?? timeout ?? (stage.ground.kind == .local ? .seconds(240) : .seconds(30)))
        let start = ContinuousClock.now
        let result = await stop.run { () throws(Problem) in try await pool.call(invocation, services: services) }
        try Task.checkCancellation()
        let seen = services.record
        state.merge(seen.state) { $1 }
        secrets.merge(seen.secrets) { $1 }
        for function in seen.violations where !violations.contains("\(target.words): \(function)") {
            violations.append("\(target.words): \(function)")
        }
        return CallRecord(
            what: target.words, attempt: attempt, result: result, record: seen, duration: ContinuousClock.now - (stop.pulledAt ?? start),
            hasSurvived: pool.guestCount > 0)
    }

    /// Reads a `joined` answer and records it.
    func markJoined(_ call: CallRecord, by verb: PluginVerb) throws(Problem) -> [String] {
        let answer: JoinResult = try call.result.get().answer(of: stage.library.pin, to: verb)
        for id in answer.joined {
            guard let index = record.nodes.firstIndex(where: { $0.id.rawValue == id }) else {
                throw Problem(.pluginFailed, "'\(verb.rawValue)' answered with a node '\(id.prefix(80))' that the cluster does not have.")
            }
            record.nodes[index].state = .joined
        }
        return answer.joined
    }
}

extension PluginCall.Target {
    var words: String {
        switch self {
        case .verb(let verb): verb.rawValue
        case .operation(let operation, _): "operation \(operation.id)"
        }
    }
}

/// Cancels a call from within one of its host calls.
private final class Stop: Sendable {
    private struct State {
        var isPulled = false
        var at: ContinuousClock.Instant?
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    var pulledAt: ContinuousClock.Instant? { state.withLock { $0.at } }

    func pull() { release(stamp: .now) }

    private func release(stamp: ContinuousClock.Instant?) {
        let waiter = state.withLock { state in
            state.isPulled = true
            if state.at == nil { state.at = stamp }
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }

    private func wait() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isPulled = state.withLock { state in
                    if !state.isPulled { state.waiter = continuation }
                    return state.isPulled
                }
                if isPulled { continuation.resume() }
            }
        } onCancel: {
            release(stamp: nil)
        }
    }

    func run<Value: Sendable>(_ body: @escaping @Sendable () async throws(Problem) -> Value) async -> Result<Value, Problem> {
        await withTaskGroup(of: Result<Value, Problem>?.self) { group in
            group.addTask { await outcome { () throws(Problem) in try await body() } }
            group.addTask {
                await self.wait()
                return nil
            }
            var result = Result<Value, Problem>.failure(Problem(.internal, "The call gave no result."))
            for await outcome in group {
                if let outcome { result = outcome }
                group.cancelAll()
            }
            return result
        }
    }
}

/// The broker's parts want a runtime; a staged cluster calls its guests itself.
private struct Unused: PluginRuntime {
    private var refusal: Problem { Problem(.internal, "A staged cluster has no runtime of its own.") }
    func inspect(library path: String) async throws(Problem) -> Inspection { throw refusal }
    func register(_ pin: PluginPin, manifest: PluginManifest, library path: String) async {}
    func unregister(_ pin: PluginPin) async {}
    func quarantine(_ pin: PluginPin, reason: String) async {}
    func lift(_ pin: PluginPin) async {}
    var crashLoops: AsyncStream<CrashLoop> { AsyncStream { $0.finish() } }
    func call(_ call: PluginCall, services: any HostServices) async throws(Problem) -> JSONValue { throw refusal }
}
