// SPDX-License-Identifier: Apache-2.0

public import ImpresarioInfrastructure
public import ImpresarioModel
public import ImpresarioPlugins
public import ImpresarioStore
public import Logging
public import ServiceLifecycle

/// The heart: decides what may be, records it, and sees to it that it becomes so.
///
/// Reads come from a snapshot in memory and never wait. Writes return when they are durable. Work on clusters is done by operations that
/// ``run()`` drives; a broker that is not running accepts requests and does no work.
public final class Broker: Service {
    /// What a broker is made of; everything that touches the world is a part that can be exchanged.
    public struct Parts: Sendable {
        public var store: any Store
        public var plugins: any PluginRuntime
        /// By name of host.
        public var drivers: [String: any InfrastructureDriver]
        public var secrets: SecretBox
        public var logger: Logger
        public let time: TimeSource
        public let random: RandomSource
        public let ids: IdentifierSource
        public var options: BrokerOptions
        /// Where plugins' libraries are kept; a broker without takes none in.
        public var library: PluginLibrary?
        /// Called at each point where a crash would be worst, such as `create.bootstrap.performed`; tests of crash safety stop the broker there.
        public var faults: @Sendable (_ point: String) async -> Void = { _ in }

        package var planted: PlantedFaults = []

        public init(
            store: any Store, plugins: any PluginRuntime, drivers: [String: any InfrastructureDriver], secrets: SecretBox,
            logger: Logger, time: TimeSource = .machine, random: RandomSource = .system, options: BrokerOptions = BrokerOptions(),
            library: PluginLibrary? = nil
        ) {
            self.store = store
            self.plugins = plugins
            self.drivers = drivers
            self.secrets = secrets
            self.logger = logger
            self.time = time
            self.random = random
            self.ids = IdentifierSource(now: time.now, random: random.next)
            self.options = options
            self.library = library
        }

        /// The wall clock.
        var clock: @Sendable () -> Timestamp { time.now }
    }

    let ledger: Ledger
    let parts: Parts
    let runner: OperationRunner
    /// By id of plugin, or `""` for the folder of libraries: changes of one plugin wait for each other.
    let pluginLocks = KeyedLocks<String>()

    var clock: @Sendable () -> Timestamp { parts.clock }
    var ids: IdentifierSource { parts.ids }
    var logger: Logger { parts.logger }

    /// Reads the store. Fails with `store-failed` when it cannot be read.
    public init(_ parts: Parts) async throws(Problem) {
        self.parts = parts
        ledger = try await Ledger.open(parts.store)
        runner = OperationRunner(ledger: ledger, parts: parts)
    }

    /// Follows the store, drives operations and reconciles, until the task is cancelled or a graceful shutdown begins. Operations are
    /// left where they are: the next broker continues them.
    public func run() async throws {
        try await cancelWhenGracefulShutdown { try await self.work() }
    }

    /// As ``run()``, without an ear for graceful shutdowns, which are listened for by tasks that no simulation could own.
    package func work() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.ledger.run() }
            group.addTask { await self.runner.run() }
            group.addTask { await Reconciler(broker: self).run() }
            group.addTask { await LeaseKeeper(broker: self).run() }
            group.addTask { await QueueKeeper(broker: self).run() }
            group.addTask { await self.followCrashLoops() }
            // The first to end ends the others: nothing here ends by itself.
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    /// Whether ``run()`` has begun and the store is read.
    public var isReady: Bool { ledger.isFollowing }

    func event(
        _ type: String, by actor: String, _ message: String, tenant: ID<Tenant>? = nil, project: ID<Project>? = nil,
        cluster: ID<Cluster>? = nil, operation: ID<Operation>? = nil, data: JSONValue? = nil
    ) -> Event {
        Event(
            id: ids.draw(prefix: "e"), at: clock(), type: type, actor: actor, message: message, tenant: tenant, project: project,
            cluster: cluster, operation: operation, data: data)
    }
}

/// Knobs with defaults that suit one machine.
public struct BrokerOptions: Sendable, Hashable {
    /// The points at which ``Broker/Parts/faults`` is called for a step.
    public static let faultPoints = ["before", "performed", "after"]
    /// From which each project draws a /24.
    public var projectNetworks = "10.208.0.0/12"
    /// How often clusters are asked for their health.
    public var healthInterval: Duration = .seconds(10)
    /// How long a node that no record knows may live: creations under way are younger.
    public var orphanGrace: Duration = .seconds(60)
    /// Nodes that are made or destroyed at once, per operation.
    public var parallelNodes = 8
    /// How long before a lease ends its owner is told.
    public var leaseWarning: Duration = .seconds(3600)
    /// How long a host may not answer until it counts as down and its nodes as lost.
    public var hostTimeout: Duration = .seconds(60)
    /// How long a host may take to say what nodes it has, or to destroy one.
    public var hostPatience: Duration = .seconds(30)
    /// How long nodes are tried to be destroyed before they are given up, where their host answers.
    public var burialPatience: Duration = .seconds(180)
    /// A node that stops more often than this within ``restartWindow`` is replaced.
    public var restartBudget = 3
    public var restartWindow: Duration = .seconds(600)
    /// How long a repair or a drain that failed is not begun again.
    public var mendingPause: Duration = .seconds(300)
    /// Clusters that move away from draining hosts at once.
    public var parallelDrains = 4
    /// How long work may take to move away from a node that leaves.
    public var drainTime: Duration = .seconds(60)
    /// Deadlines by step name, instead of the built-in ones.
    public var stepDeadlines: [String: Duration] = [:]

    public init() {}
}
