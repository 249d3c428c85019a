// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel
import ImpresarioScheduling
import ImpresarioStore
import Testing

@testable import ImpresarioBroker

@Suite("A replacement")
struct ReplacementTests {
    static let now = Timestamp(milliseconds: 1_000_000)
    static let size: ResourceVector = ["cpu": 1000, "memory": 1 << 30, "disk": 1 << 30]

    static func host(_ name: String, room: Int64 = 2, zone: String = "z", state: Host.State = .ready, down: Bool = false) -> Host {
        Host(
            name: name, zone: zone, driver: "simulated", state: state, unreachableSince: down ? now : nil,
            // A key that a host does not list takes no room there: none is a little.
            capacity: ["cpu": max(1, 1000 * room), "memory": room << 30, "disk": room << 30], overcommit: [:], labels: [:], createdAt: now)
    }

    static func node(_ ordinal: Int, on host: String, zone: String = "z", state: Node.State = .joined, replaces: Int? = nil) -> Node {
        Node(
            id: ID("n\(ordinal)"), name: "web-a-\(ordinal)", group: "a", ordinal: ordinal, flavor: "s", resources: size, zone: zone,
            host: host, address: "10.0.0.\(ordinal + 2)", state: state, replaces: replaces.map { ID("n\($0)") })
    }

    static func cluster(_ nodes: [Node], spread: NodeGroup.Spread? = nil) -> Cluster {
        Cluster(
            id: ID("c1"), name: "web", tenant: ID("t1"), tenantName: "acme", project: ID("p1"), projectName: "shop", type: "sample",
            plugin: PluginPin(id: "sample", version: "1.0.0", sha256: "00"), parameters: [:], labels: [:],
            groups: [NodeGroup(name: "a", role: "a", count: nodes.count, flavor: "s", spread: spread)], nodes: nodes, endpoints: [],
            phase: .ready, health: .healthy, conditions: [], version: nil, operation: nil, createdAt: now, updatedAt: now)
    }

    static func snapshot(_ cluster: Cluster, _ hosts: [Host], zones: [String]? = nil, tombstones: [Tombstone] = []) throws -> Snapshot {
        var draft = Draft()
        for zone in Set(hosts.map(\.zone)) {
            try draft.put(Zone(name: zone, trust: .shared, allowsEgress: true, createdAt: now), at: Keys.zone(zone))
        }
        for host in hosts { try draft.put(host, at: Keys.host(host.name)) }
        try draft.put(Tenant(id: ID("t1"), name: "acme", limits: [:], zones: zones, createdAt: now), at: Keys.tenant("acme"))
        try draft.put(
            Project(
                id: ID("p1"), name: "shop", tenant: ID("t1"), tenantName: "acme", limits: [:], network: "10.0.0.0/28", createdAt: now),
            at: Keys.project("acme", "shop"))
        try draft.put(cluster, at: cluster.key)
        for tombstone in tombstones { try draft.put(tombstone, at: Keys.tombstone(tombstone.node)) }
        var snapshot = Snapshot()
        try snapshot.apply(
            draft.transaction.writes.map { write in
                guard case .put(let key, let value) = write else { fatalError("nothing is deleted here") }
                return Change(key: key, value: value, revision: 1)
            })
        return snapshot
    }

    private func replace(
        _ ordinals: [Int], of cluster: Cluster, on occasion: Replacement.Occasion, _ snapshot: Snapshot, avoiding: Set<String> = []
    ) throws(Problem) -> [Node] {
        try Replacement(snapshot: snapshot, ids: IdentifierSource()).replace(
            cluster.nodes.filter { ordinals.contains($0.ordinal) }, of: cluster, on: occasion, avoiding: avoiding)
    }

    @Test("of a dead node has its name and, on a host that is full, its room")
    func loss() throws {
        let cluster = Self.cluster([Self.node(0, on: "h1"), Self.node(1, on: "h1")])
        let made = try #require(try replace([1], of: cluster, on: .loss, try Self.snapshot(cluster, [Self.host("h1")])).first)
        #expect(made.name == "web-a-1" && made.ordinal == 1 && made.host == "h1" && made.state == .planned)
        #expect(made.replaces == ID("n1") && made.id != ID("n1") && made.address == "10.0.0.4")
        var after = cluster
        after.nodes[1].state = .lost
        after.nodes.append(made)
        let inventory = try Self.snapshot(after, [Self.host("h1")]).inventory
        #expect(inventory.hosts[0].free.isEmpty)
        #expect(try after.use() == cluster.use())
    }

    @Test(
        "of a node whose host is down, closed or to be avoided goes elsewhere, or nowhere",
        arguments: [
            (ReplacementTests.host("h1", down: true), Set<String>()), (ReplacementTests.host("h1", state: .cordoned), Set<String>()),
            (ReplacementTests.host("h1"), Set<String>(["h1"])),
        ])
    func elsewhere(host: Host, avoiding: Set<String>) throws {
        let cluster = Self.cluster([Self.node(0, on: "h1")])
        let made = try replace([0], of: cluster, on: .loss, try Self.snapshot(cluster, [host, Self.host("h2")]), avoiding: avoiding)
        #expect(made.map(\.host) == ["h2"] && made.map(\.name) == ["web-a-0"])
        for others in [[], [Self.host("h2", zone: "y")]] {
            let problem = #expect(throws: Problem.self) {
                try replace([0], of: cluster, on: .loss, try Self.snapshot(cluster, [host] + others, zones: ["z"]), avoiding: avoiding)
            }
            #expect(problem?.code == "no-capacity")
        }
    }

    @Test("of living nodes has the next free ordinals, keeps away from the group's others and needs room beside them")
    func handover() throws {
        let hosts = ["h1", "h2", "h3"].map { Self.host($0) } + [Self.host("h4", state: .draining)]
        let cluster = Self.cluster(
            [Self.node(0, on: "h4"), Self.node(2, on: "h1"), Self.node(3, on: "h4")], spread: .init(by: .host, mode: .require))
        let made = try replace([0, 3], of: cluster, on: .handover, try Self.snapshot(cluster, hosts))
        #expect(made.map(\.ordinal) == [1, 4] && Set(made.map(\.host)) == ["h2", "h3"])
        #expect(Set(made.map(\.address)).isDisjoint(with: cluster.nodes.map(\.address)))
        let problem = #expect(throws: Problem.self) {
            try replace([0, 3], of: cluster, on: .handover, try Self.snapshot(cluster, hosts.filter { $0.name != "h3" }))
        }
        #expect(problem?.code == "no-capacity")
    }

    @Test("never gets the address of a node that was given up and may still answer")
    func addresses() throws {
        let cluster = Self.cluster([Self.node(0, on: "h1")])
        let tombstone = Tombstone(
            node: ID("n9"), cluster: ID("c9"), tenant: ID("t1"), project: ID("p1"), host: "h2", zone: "z", resources: Self.size,
            address: "10.0.0.3", createdAt: Self.now)
        let snapshot = try Self.snapshot(cluster, [Self.host("h1"), Self.host("h2", down: true)], tombstones: [tombstone])
        #expect(try replace([0], of: cluster, on: .loss, snapshot).map(\.address) == ["10.0.0.4"])
    }
}
