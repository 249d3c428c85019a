// SPDX-License-Identifier: Apache-2.0

import ImpresarioBroker
import ImpresarioInfrastructure
import ImpresarioModel
import ImpresarioStore
import Testing

/// Several machines under a broker that loses patience fast.
struct Machines {
    /// By name of host; `local` is among them.
    let drivers: [String: SimulatedDriver]
    let plugins = FakePluginRuntime()
    let store: MemoryStore = MemoryStore()

    /// Groups are spread over the machines.
    ///
    /// - Parameters:
    ///   - room: how many small nodes each carries.
    ///   - votes: whether leaders are members that vote.
    init(_ names: [String] = ["local", "two"], room: Int64 = 10, votes: Bool = false) {
        drivers = Dictionary(
            uniqueKeysWithValues: names.map { name in
                (name, SimulatedDriver(capacity: ["cpu": 125 * room, "memory": room * (512 << 20), "disk": room * (4 << 30)]))
            })
        plugins.plan("1.0.0") { plan, _ in
            let groups = (plan["groups"]?.array ?? []).map { group -> JSONValue in
                var group = group.object ?? [:]
                group["spread"] = ["by": "host", "mode": "prefer"]
                if votes, group["name"] == "leader" { group["disruption"] = ["max_unavailable": 1, "quorum": true] }
                return .object(group)
            }
            return .object((plan.object ?? [:]).merging(["groups": .array(groups)], uniquingKeysWith: { $1 }))
        }
    }

    static var options: BrokerOptions {
        var options = BrokerOptions()
        options.hostTimeout = .milliseconds(150)
        options.hostPatience = .seconds(5)
        options.orphanGrace = .milliseconds(150)
        options.mendingPause = .milliseconds(200)
        return options
    }

    func run(
        options: BrokerOptions = Machines.options, faults: @escaping @Sendable (String) async -> Void = { _ in },
        limits: ResourceLimits = [:], _ body: (BrokerFixture) async throws -> Void
    ) async throws {
        let local = try #require(drivers["local"])
        try await BrokerFixture.with(
            store: store, driver: local, plugins: plugins, options: options, faults: faults, limits: limits,
            others: drivers.filter { $0.key != "local" }, body)
    }

    /// Everything that is on the machines.
    func nodes() -> Set<ID<Node>> { drivers.values.reduce(into: []) { $0.formUnion($1.nodes.keys) } }
}

extension BrokerFixture {
    func host(_ name: String) throws -> Host {
        let page = try broker.hosts(for: Self.admin, page: PageRequest())
        return try #require(try page.items.map { try CanonicalJSON.decode(Host.self, from: $0) }.first { $0.name == name })
    }

    /// Waits until the cluster is as it should be; a test that waits longer than a minute has failed.
    func until(_ what: String, cluster name: String, _ isSo: (Cluster) -> Bool) async throws {
        try await until(what) { isSo(try self.cluster(name)) }
    }

    /// Types of what happened to all, oldest first.
    func events() async throws -> [Event] {
        try await store.list(prefix: "events/").records.map { try CanonicalJSON.decode(Event.self, from: $0.value) }.sorted {
            $0.id < $1.id
        }
    }

    func tombstones() async throws -> [Tombstone] {
        try await store.list(prefix: "tombstones/").records.map { try CanonicalJSON.decode(Tombstone.self, from: $0.value) }
    }

    func expectSettled(_ machines: Machines, _ names: String...) throws {
        var recorded = Set<ID<Node>>()
        for name in names {
            let cluster = try cluster(name)
            #expect(cluster.phase == .ready && cluster.health == .healthy, "\(cluster)")
            #expect(cluster.nodes.allSatisfy { $0.state == .joined && $0.replaces == nil }, "\(cluster.nodes)")
            recorded.formUnion(cluster.nodes.map(\.id))
        }
        #expect(machines.nodes() == recorded)
    }
}
