// SPDX-License-Identifier: Apache-2.0

import ImpresarioBroker
import ImpresarioInfrastructure
import ImpresarioModel
import ImpresarioPlugins
import ImpresarioStore
import Logging

/// All that outlives a broker: store, machines, engines, clients; and the broker that lives at the moment.
///
/// Unchecked: confined to the thread of its executor.
final class World: @unchecked Sendable {
    let executor: VirtualExecutor
    let random: SeededRandom
    let store = MemoryStore()
    /// By name of host.
    private(set) var machines: [String: SimulatedDriver] = [:]
    private(set) var engines: Engines!
    private(set) var watch: Watch!
    let sabotage: Sabotage
    var chances: Chances
    /// Nothing fails by itself.
    var isCalm = true

    /// Calls that left a broker.
    var crossings = 0
    var death: Death?
    var lethalCall: String?
    private(set) var violations: [String] = []
    private(set) var deaths = 0
    /// Gone with the disks of their host.
    var lostNodes: Set<ID<Node>> = []
    /// Requests that were answered: done, or refused.
    var decided = 0

    private(set) var broker: (life: Life, broker: Broker, task: Task<Void, Never>)?
    private var expecting: [CheckedContinuation<Void, Never>] = []

    var time: TimeSource { executor.time }

    init(seed: UInt64, sabotage: Sabotage = [], chances: Chances = .none) {
        random = SeededRandom(seed: seed)
        executor = VirtualExecutor(random: random.fork())
        self.sabotage = sabotage
        self.chances = chances
        engines = Engines(world: self)
        watch = Watch(world: self)
    }

    func violation(_ words: String) { if violations.count < 20 { violations.append(words) } }

    // MARK: brokers

    func start() async throws {
        let life = Life(of: self)
        var options = BrokerOptions()
        options.healthInterval = .seconds(10)
        options.orphanGrace = .seconds(30)
        let time = executor.time
        var logger = Logger(label: "simulation") { _ in SwiftLogNoOpLogHandler() }
        logger.logLevel = .critical
        var parts = Broker.Parts(
            store: MortalStore(world: self, life: life), plugins: SimulatedPlugin(world: self, life: life),
            drivers: machines.mapValues { MortalDriver(machine: $0, world: self, life: life) }, secrets: SecretBox(), logger: logger,
            time: time, random: RandomSource { [random] in random.next() }, options: options)
        sabotage.prepare(&parts)
        let broker = try await Broker(parts)
        guard life.isAlive else { return }
        let task = Task(executorPreference: executor) { do { try await broker.work() } catch {} }
        self.broker = (life, broker, task)
        let waiting = expecting
        expecting = []
        for one in waiting { one.resume() }
    }

    /// The broker that lives, or the next one.
    func living() async -> (life: Life, broker: Broker) {
        while true {
            if let broker, broker.life.isAlive { return (broker.life, broker.broker) }
            await withCheckedContinuation { expecting.append($0) }
        }
    }

    /// It dies now: not one more thing that it would do happens.
    func kill() { broker?.life.end() }

    func buried(_ life: Life) {
        for machine in machines.values { machine.abandon() }
        engines.abandon()
        deaths += 1
        broker?.task.cancel()
    }

    /// It is asked to end, and ends; what it was at is left for the next.
    func stop() async {
        guard let broker else { return }
        broker.task.cancel()
        await broker.task.value
        broker.life.end()
    }

    /// Brings up a new one whenever there is none, until cancelled.
    func superviseBrokers() async {
        while !Task.isCancelled {
            if broker?.life.isAlive == true {
                await broker?.task.value
                kill()
            } else {
                await broker?.task.value
                broker = nil
                try? await start()
                // A start that failed is tried again after a while.
                if broker == nil { try? await time.sleep(for: .milliseconds(200)) }
            }
        }
        await stop()
    }

    // MARK: what there is from the beginning

    func build(hosts: Int, zones: Int) async throws {
        var writes: [Write] = []
        func put(_ key: String, _ record: some Encodable) throws { writes.append(.put(key, try CanonicalJSON.encode(record))) }
        let now = executor.time.now()
        for zone in 0..<zones { try put("zones/z\(zone)", Zone(name: "z\(zone)", trust: .shared, allowsEgress: true, createdAt: now)) }
        for host in 0..<hosts {
            let name = "h\(host)"
            let capacity: ResourceVector = ["cpu": 8_000, "memory": 16 << 30, "disk": 400 << 30]
            machines[name] = SimulatedDriver(
                name: name, capacity: capacity, time: executor.time,
                weather: SimulatedWeather(
                    faults: { [unowned self] in driverFaults($0, $1) }, report: { [unowned self] in violation($0) })
            ) { [unowned self] command, node in engines.run(command, on: node) }
            try put(
                "hosts/\(name)",
                Host(
                    name: name, zone: "z\(host % zones)", driver: "simulated", state: .ready, capacity: capacity, overcommit: [:],
                    labels: [:], createdAt: now))
        }
        for (name, cpu) in [("tiny", 250), ("small", 500), ("large", 2000)] as [(String, Int64)] {
            try put(
                "flavors/\(name)",
                Flavor(name: name, resources: ["cpu": cpu, "memory": cpu << 20, "disk": 4 << 30], createdAt: now))
        }
        for plugin in SimulatedPlugin.versions(now) { try put("plugins/\(plugin.pin.id)/\(plugin.pin.sha256)", plugin) }
        let transaction = Transaction(writes: writes)
        watch.committed(transaction, at: try await store.commit(transaction))
    }

    /// Drivers by host, as those who look from outside see them.
    func machine(of node: ID<Node>) -> SimulatedDriver? { machines.values.first { $0.nodes[node] != nil } }
}
