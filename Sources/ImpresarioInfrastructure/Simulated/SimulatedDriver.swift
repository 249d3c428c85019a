// SPDX-License-Identifier: Apache-2.0

public import Foundation
public import ImpresarioModel
import Synchronization

/// A driver whose nodes are values in memory: for tests of what stands above a driver. It is instant and deterministic; failures and delays
/// are told beforehand with ``plan(_:for:on:times:)``. What it holds outlives a broker that is thrown away and made anew around it, as
/// real nodes do.
///
/// Commands are answered by `answer`; without one those of ``SimulatedCommand`` do what they are known for, and anything else exits with 127.
public final class SimulatedDriver: InfrastructureDriver {
    public typealias Answer = @Sendable (NodeCommand, ID<Node>) -> CommandOutcome?

    public let name: String
    private let capacityOfMachine: ResourceVector
    private let time: TimeSource
    private let answer: Answer
    private let world = Mutex(SimulatedWorld())

    public init(
        name: String = "simulated", capacity: ResourceVector = ["cpu": 64_000, "memory": 256 << 30, "disk": 4 << 40],
        time: TimeSource = .machine, answer: @escaping Answer = { _, _ in nil }
    ) {
        self.name = name
        self.capacityOfMachine = capacity
        self.time = time
        self.answer = answer
    }

    /// The next `times` calls of this kind (on this node, or on any) meet this fault. Faults are used up in the order of planning.
    public func plan(_ fault: SimulatedFault, for call: SimulatedCall, on node: ID<Node>? = nil, times: Int = 1) {
        world.withLock { $0.faults.append(contentsOf: Array(repeating: .init(call: call, node: node, fault: fault), count: times)) }
    }

    /// Every node that exists, by id.
    public var nodes: [ID<Node>: SimulatedNode] { world.withLock { $0.nodes } }

    /// Every call so far, in the order of arrival.
    public var journal: [SimulatedInvocation] { world.withLock { $0.journal } }

    /// The node's machine dies: it is stopped, without anybody having asked for it.
    public func crash(_ node: ID<Node>) { world.withLock { $0.nodes[node]?.isRunning = false } }

    /// Whether the machine answers. While it does not, its nodes are as they are.
    public var isReachable: Bool {
        get { world.withLock { $0.isReachable } }
        set { world.withLock { $0.isReachable = newValue } }
    }

    /// Notes the call, meets its fault and does the effect: before a ``SimulatedFault/failAfter(_:)``, never before the others.
    private func call<Value: Sendable>(
        _ call: SimulatedCall, _ node: ID<Node>? = nil, _ effect: (inout SimulatedWorld) throws(Problem) -> Value
    ) async throws(Problem) -> Value {
        let fault = world.withLock { $0.begin(call, node) }
        switch fault {
        case .delay(let duration):
            do { try await time.sleep(for: duration) } catch { throw Problem(.cancelled, "The call was cancelled.") }
        case .fail(let problem): throw problem
        case .failAfter, nil: break
        }
        let outcome: Result<Value, Problem> = world.withLock { world in
            guard world.isReachable else { return .failure(Problem(.nodeUnreachable, "The machine does not answer.")) }
            do throws(Problem) { return .success(try effect(&world)) } catch { return .failure(error) }
        }
        let value = try outcome.get()
        if case .failAfter(let problem) = fault { throw problem }
        return value
    }

    public func capacity() async throws(Problem) -> ResourceVector { try await call(.capacity) { _ in capacityOfMachine } }

    public func create(_ node: NodeSpecification) async throws(Problem) {
        try await call(.create, node.id) { world throws(Problem) in
            if var known = world.nodes[node.id] {
                guard known.specification.agrees(with: node) else {
                    throw Problem(.conflict, "The node \(node.id) exists with another specification.", owner: .infrastructure)
                }
                known.specification = node
                known.isRunning = true
                world.nodes[node.id] = known
            } else {
                world.nodes[node.id] = SimulatedNode(specification: node)
            }
        }
    }

    public func destroy(_ node: ID<Node>) async throws(Problem) {
        try await call(.destroy, node) { world in world.nodes[node] = nil }
    }

    public func start(_ node: ID<Node>) async throws(Problem) {
        try await call(.start, node) { world throws(Problem) in try world.change(node) { $0.isRunning = true } }
    }

    public func stop(_ node: ID<Node>, grace: Duration) async throws(Problem) {
        try await call(.stop, node) { world throws(Problem) in try world.change(node) { $0.isRunning = false } }
    }

    public func execute(_ command: NodeCommand, on node: ID<Node>, fence: Fence) async throws(Problem) -> CommandOutcome {
        try await call(.execute, node) { world throws(Problem) in
            try world.changeRunning(node) { $0.commands.append(.init(arguments: command.arguments, fence: fence)) }
            if let outcome = answer(command, node) { return outcome }
            return SimulatedCommand.run(command, in: world.nodes[node]?.files ?? [:])
        }
    }

    public func enforce(_ fence: Fence, on node: ID<Node>) async throws(Problem) {
        try await call(.enforce, node) { _ in }
    }

    public func put(_ files: [NodeFile], on node: ID<Node>) async throws(Problem) {
        try await call(.put, node) { world throws(Problem) in
            for file in files { try NodePath.check(file.path) }
            try world.changeRunning(node) { node in for file in files { node.files[file.path] = file } }
        }
    }

    public func get(_ path: String, limit: Int, from node: ID<Node>) async throws(Problem) -> Data {
        try await call(.get, node) { world throws(Problem) in
            try NodePath.check(path)
            try world.changeRunning(node) { _ in }
            guard let file = world.nodes[node]?.files[path] else {
                throw Problem(.notFound, "There is no file \(path) in the node.", owner: .plugin)
            }
            guard file.content.count <= limit else { throw NodePath.tooLarge(path, limit: limit) }
            return file.content
        }
    }

    public func declare(_ service: ServiceSpecification, on node: ID<Node>, fence: Fence) async throws(Problem) {
        try await call(.declare, node) { world throws(Problem) in
            try Name.check(service.name, field: "name")
            try world.changeRunning(node) { $0.services[service.name] = service.state == .absent ? nil : service }
        }
    }

    public func expose(port: Int, of node: ID<Node>) async throws(Problem) -> String {
        try await call(.expose, node) { world throws(Problem) in
            let next = world.nextPort
            try world.change(node) { if $0.exposed[port] == nil { $0.exposed[port] = next } }
            let published = world.nodes[node]?.exposed[port] ?? next
            if published == next { world.nextPort += 1 }
            return "127.0.0.1:\(published)"
        }
    }

    public func list() async throws(Problem) -> [NodeStatus] {
        try await call(.list) { world in
            world.nodes.values.sorted { $0.specification.id < $1.specification.id }.map {
                NodeStatus(id: $0.specification.id, cluster: $0.specification.cluster, state: $0.isRunning ? .running : .stopped)
            }
        }
    }

    public func removeUnused() async throws(Problem) { try await call(.removeUnused) { _ in } }
}
