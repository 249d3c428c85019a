// SPDX-License-Identifier: Apache-2.0

public import Foundation
public import ImpresarioModel
import Synchronization

/// A driver whose nodes are values in memory, one for each host that is wanted: for tests of what stands above a driver. It is instant and
/// deterministic; failures and delays are told beforehand with ``plan(_:for:on:times:)``, or drawn by a ``SimulatedWeather``. What it
/// holds outlives a broker that is thrown away and made anew around it, as real nodes do.
///
/// Commands are answered by `answer`; without one those of ``SimulatedCommand`` do what they are known for, and anything else exits with 127.
/// A command does what it does when it ends: one that is killed before has done nothing.
///
/// It is strict: what the contract forbids its caller is reported to the weather.
public final class SimulatedDriver: InfrastructureDriver {
    public typealias Answer = @Sendable (NodeCommand, ID<Node>) -> CommandOutcome?

    public let name: String
    private let capacityOfMachine: ResourceVector
    private let time: TimeSource
    private let weather: SimulatedWeather?
    private let answer: Answer
    private let world = Mutex(SimulatedWorld())

    public init(
        name: String = "simulated", capacity: ResourceVector = ["cpu": 64_000, "memory": 256 << 30, "disk": 4 << 40],
        time: TimeSource = .machine, weather: SimulatedWeather? = nil, answer: @escaping Answer = { _, _ in nil }
    ) {
        self.name = name
        self.capacityOfMachine = capacity
        self.time = time
        self.weather = weather
        self.answer = answer
    }

    /// The next `times` calls of this kind (on this node, or on any) meet this fault. Faults are used up in the order of planning.
    public func plan(_ fault: SimulatedFault, for call: SimulatedCall, on node: ID<Node>? = nil, times: Int = 1) {
        world.withLock { $0.faults.append(contentsOf: Array(repeating: .init(call: call, node: node, fault: fault), count: times)) }
    }

    /// Every node that exists, by id.
    public var nodes: [ID<Node>: SimulatedNode] {
        settle()
        return world.withLock { $0.nodes }
    }

    /// Every call so far, in the order of arrival.
    public var journal: [SimulatedInvocation] { world.withLock { $0.journal } }

    /// The node's machine dies: it is stopped, without anybody having asked for it.
    public func crash(_ node: ID<Node>) { world.withLock { $0.halt(node) } }

    /// The node is gone with all it held, without anybody having asked for it.
    public func lose(_ node: ID<Node>) {
        world.withLock { world in
            world.halt(node)
            world.nodes[node] = nil
        }
    }

    /// Whether the host answers. One that does not still runs its nodes.
    public var isReachable: Bool {
        get { world.withLock { $0.isReachable } }
        set { world.withLock { $0.isReachable = newValue } }
    }

    /// The host comes back empty: its disks were lost.
    public func loseNodes() {
        world.withLock { world in
            world.nodes = [:]
            world.processes = [:]
        }
    }

    /// Whoever made the calls under way is dead: its commands go on in the nodes, everything else stops where it is. Called before the tasks
    /// of the dead are cancelled.
    public func abandon() {
        world.withLock { world in
            world.era += 1
            world.busy = [:]
            for number in world.processes.keys { world.processes[number]?.isAbandoned = true }
        }
    }

    /// Commands that nobody waits for end in their time.
    private func settle() {
        let ended = world.withLock { world -> [SimulatedProcess] in
            guard !world.processes.isEmpty else { return [] }
            let now = time.elapsed()
            let ended = world.processes.values.filter { $0.isAbandoned && $0.end <= now }.sorted {
                ($0.end, $0.number) < ($1.end, $1.number)
            }
            for process in ended { world.processes[process.number] = nil }
            return ended
        }
        for process in ended { _ = answer(process.command, process.node) }
    }

    /// Notes the call, meets its faults and does the effect: before a ``SimulatedFault/failAfter(_:)``, never before the others.
    ///
    /// - Parameters:
    ///   - begin: what is there as soon as it has begun.
    ///   - finish: the rest of the effect, which may look at this driver again.
    private func call<Value: Sendable>(
        _ call: SimulatedCall, _ node: ID<Node>? = nil, begin: (inout SimulatedWorld, Duration) throws(Problem) -> Void = { _, _ in },
        _ effect: (inout SimulatedWorld) throws(Problem) -> Value, finish: (Value) -> Value = { $0 }
    ) async throws(Problem) -> Value {
        settle()
        let planned = world.withLock { $0.begin(call, node) }
        let met = weather?.faults(call, node) ?? []
        let faults = planned.map { [$0] + met } ?? met
        if case .fail(let problem) = faults.first { throw problem }
        let pause = faults.reduce(Duration.zero) { if case .delay(let duration) = $1 { $0 + duration } else { $0 } }
        let era = try act { world throws(Problem) in
            try checkReachable(world)
            if weather != nil, let node, call.changesLife {
                if let other = world.busy[node] {
                    weather?.report("\(call.rawValue) of node \(node) was called while its \(other.rawValue) was under way")
                }
                world.busy[node] = call
            }
            try begin(&world, pause)
            return world.era
        }
        defer {
            if weather != nil, let node, call.changesLife { world.withLock { if $0.era == era { $0.busy[node] = nil } } }
        }
        var lost: Problem?
        for fault in faults {
            switch fault {
            case .delay(let duration):
                do { try await time.sleep(for: duration) } catch { throw Problem(.cancelled, "The call was cancelled.") }
            case .hang:
                do { while true { try await time.sleep(for: .seconds(86_400)) } } catch {
                    throw Problem(.cancelled, "The call was cancelled.")
                }
            case .fail(let problem): throw problem
            case .failAfter(let problem): lost = problem
            }
        }
        settle()
        let value = finish(
            try act { world throws(Problem) in
                // Whoever called is dead, and so is the call.
                guard world.era == era else { throw Problem(.cancelled, "The call was cancelled.") }
                try checkReachable(world)
                return try effect(&world)
            })
        if let lost { throw lost }
        return value
    }

    private func act<Value: Sendable>(_ body: (inout SimulatedWorld) throws(Problem) -> Value) throws(Problem) -> Value {
        let outcome: Result<Value, Problem> = world.withLock { world in
            do throws(Problem) { return .success(try body(&world)) } catch { return .failure(error) }
        }
        return try outcome.get()
    }

    private func checkReachable(_ world: SimulatedWorld) throws(Problem) {
        guard world.isReachable else { throw Problem(.infrastructure, "The host '\(name)' does not answer.") }
    }

    public func capacity() async throws(Problem) -> ResourceVector { try await call(.capacity) { _ in capacityOfMachine } }

    public func create(_ node: NodeSpecification) async throws(Problem) {
        try await call(
            .create, node.id,
            begin: { world, pause in
                // Cut off in the middle, something is left.
                guard weather != nil, pause > .zero, world.nodes[node.id] == nil else { return }
                world.nodes[node.id] = SimulatedNode(specification: node)
                world.nodes[node.id]?.isPartial = true
            }
        ) { world throws(Problem) in
            guard var known = world.nodes[node.id] else {
                world.nodes[node.id] = SimulatedNode(specification: node)
                return
            }
            guard known.specification.agrees(with: node) else {
                weather?.report("node \(node.id) was created with another specification than the one it has")
                throw Problem(.conflict, "The node \(node.id) exists with another specification.", owner: .infrastructure)
            }
            known.specification = node
            known.isRunning = true
            known.isPartial = false
            world.nodes[node.id] = known
        }
    }

    public func destroy(_ node: ID<Node>) async throws(Problem) {
        try await call(
            .destroy, node,
            begin: { world, pause in
                guard weather != nil, pause > .zero, world.nodes[node] != nil else { return }
                world.halt(node)
                world.nodes[node]?.isPartial = true
            }
        ) { world in
            world.halt(node)
            world.nodes[node] = nil
        }
    }

    public func start(_ node: ID<Node>) async throws(Problem) {
        try await call(.start, node) { world throws(Problem) in try world.change(node) { $0.isRunning = true } }
    }

    public func stop(_ node: ID<Node>, grace: Duration) async throws(Problem) {
        try await call(.stop, node) { world throws(Problem) in
            try world.change(node) { _ in }
            world.halt(node)
        }
    }

    public func execute(_ command: NodeCommand, on node: ID<Node>, fence: Fence) async throws(Problem) -> CommandOutcome {
        let number = Mutex<Int?>(nil)
        do throws(Problem) {
            return try await call(
                .execute, node,
                begin: { world, pause throws(Problem) in
                    try world.changeRunning(node) {
                        if weather == nil { $0.commands.append(.init(arguments: command.arguments, fence: fence)) }
                    }
                    guard weather != nil else { return }
                    if let other = world.processes.values.first(where: {
                        $0.fence.operation == fence.operation && $0.fence.attempt != fence.attempt
                    }) {
                        weather?.report(
                            "attempt \(fence.attempt) of '\(fence.operation)' runs a command on node \(node) while one of attempt \(other.fence.attempt) runs on node \(other.node): it was not fenced"
                        )
                    }
                    world.lastProcess += 1
                    let process = SimulatedProcess(
                        number: world.lastProcess, node: node, command: command, fence: fence, end: time.elapsed() + pause)
                    world.processes[process.number] = process
                    number.withLock { $0 = process.number }
                }
            ) { world throws(Problem) in
                try world.changeRunning(node) { _ in }
                if let number = number.withLock({ $0 }), world.processes.removeValue(forKey: number) == nil {
                    throw Problem(.nodeUnreachable, "The command was killed.")
                }
                return SimulatedCommand.run(command, in: world.nodes[node]?.files ?? [:])
            } finish: {
                answer(command, node) ?? $0
            }
        } catch {
            // Cancelling kills the command; the death of the caller does not.
            if let number = number.withLock({ $0 }) {
                world.withLock { if $0.processes[number]?.isAbandoned == false { $0.processes[number] = nil } }
            }
            throw error
        }
    }

    public func enforce(_ fence: Fence, on node: ID<Node>) async throws(Problem) {
        try await call(.enforce, node) { world in
            world.end { $0.node == node && $0.fence.operation == fence.operation && $0.fence.attempt < fence.attempt }
        }
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
                NodeStatus(
                    id: $0.specification.id, cluster: $0.specification.cluster,
                    state: $0.isPartial ? .partial : $0.isRunning ? .running : .stopped)
            }
        }
    }

    public func removeUnused() async throws(Problem) { try await call(.removeUnused) { _ in } }
}
