// SPDX-License-Identifier: Apache-2.0

import ImpresarioBroker
import ImpresarioInfrastructure
import ImpresarioModel
import Testing

@Suite("A host")
struct HostTests {
    private func set(_ state: Host.State, _ name: String, _ fixture: BrokerFixture) async throws {
        _ = try await fixture.broker.changeHost(name, HostUpdate(state: state), expecting: nil, for: BrokerFixture.admin)
    }

    @Test("that is drained is empty in the end: each node was replaced by one that joined before it left, then it is cordoned")
    func drain() async throws {
        let machines = Machines()
        try await machines.run(limits: ["node": 8]) { fixture in
            _ = try await fixture.ready("one", ["leaders": 3, "followers": 2])
            _ = try await fixture.ready("two", ["followers": 2])
            let carried = try fixture.cluster("one").nodes.filter { $0.host == "two" }.count
            try #require(carried > 0)
            try await set(.draining, "two", fixture)
            try await fixture.until("drained") { try fixture.host("two").state == .cordoned }
            #expect(machines.drivers["two"]?.nodes.isEmpty == true)
            try await fixture.until("whole", cluster: "one") { $0.phase == .ready && $0.health == .healthy }
            try fixture.expectSettled(machines, "one", "two")
            #expect(try fixture.cluster("one").nodes.count == 5)
            #expect(Set(try fixture.cluster("one").nodes.map(\.name)).count == 5)
            #expect(try fixture.broker.quota(ofTenant: "acme", for: BrokerFixture.admin).used["node"] == 8)
            let told = try await fixture.events()
            #expect(told.filter { $0.type == "host.drained" }.count == 1)
            // One node of a group at a time.
            let one = try fixture.cluster("one").id
            #expect(told.filter { $0.type == "cluster.replaced" && $0.cluster == one }.count >= (carried + 1) / 2)
            // What joins does so before anything leaves.
            #expect(machines.plugins.calls.last { $0.verb == "leave" || $0.verb == "join" }?.verb == "leave")
            try await set(.ready, "two", fixture)
            #expect(try fixture.host("two").state == .ready)
        }
    }

    @Test("that cannot be emptied says why, goes on when it can, and stops when it is set ready")
    func blocked() async throws {
        let machines = Machines(room: 3)
        try await machines.run { fixture in
            _ = try await fixture.ready("web", ["followers": 5])
            try await set(.draining, "two", fixture)
            try await fixture.until("told") { try await fixture.events().contains { $0.type == "host.drain-blocked" } }
            let detail = try fixture.broker.host("two", for: BrokerFixture.admin)
            #expect(detail.nodes.count > 0 && detail.blocked.count == 1)
            #expect(detail.blocked.first?.cluster == "web" && detail.blocked.first?.problem.code == "no-capacity")
            _ = try await fixture.broker.changeHost(
                "local", HostUpdate(overcommit: ["cpu": 1000, "memory": 1000, "disk": 1000]), expecting: nil, for: BrokerFixture.admin)
            try await fixture.until("moves") { try await fixture.events().contains { $0.type == "cluster.replaced" } }
            try await set(.ready, "two", fixture)
            try await fixture.until("settled", cluster: "web") { $0.phase == .ready && $0.health == .healthy }
            try fixture.expectSettled(machines, "web")
            #expect(try await fixture.events().filter { $0.type == "host.drain-blocked" }.count == 1)
        }
    }

    @Test("that is drained, whose replacement fails, ends it when that works again")
    func failure() async throws {
        let machines = Machines()
        try await machines.run { fixture in
            _ = try await fixture.ready("web", ["followers": 4])
            machines.plugins.fail(.leave, with: [Problem(.pluginFailed, "Not now.")])
            try await set(.draining, "two", fixture)
            try await fixture.until("failed") { try await fixture.events().contains { $0.type == "operation.failed" } }
            try await fixture.until("drained") { try fixture.host("two").state == .cordoned }
            try await fixture.until("settled", cluster: "web") { $0.phase == .ready && $0.conditions.isEmpty }
            try fixture.expectSettled(machines, "web")
        }
    }

    @Test("shows what it carries, and takes no new node when it is cordoned or down")
    func shown() async throws {
        let machines = Machines()
        try await machines.run { fixture in
            try await set(.cordoned, "two", fixture)
            let cluster = try await fixture.ready("web", ["followers": 2])
            #expect(cluster.nodes.allSatisfy { $0.host == "local" })
            let detail = try fixture.broker.host("local", for: BrokerFixture.admin)
            #expect(detail.host.name == "local" && detail.blocked.isEmpty && detail.tombstones.isEmpty)
            #expect(detail.nodes.map(\.name).sorted() == cluster.nodes.map(\.name).sorted())
            #expect(detail.used["memory"] == 3 * (512 << 20))
            let none = #expect(throws: Problem.self) { try fixture.broker.host("nope", for: BrokerFixture.admin) }
            #expect(none?.code == "not-found")
            let denied = #expect(throws: Problem.self) { try fixture.broker.host("local", for: BrokerFixture.member) }
            #expect(denied?.code == "denied")
        }
    }

    @Test("carries nothing that no record knows: it is removed, and told")
    func orphans() async throws {
        let machines = Machines()
        try await machines.run { fixture in
            let cluster = try await fixture.ready("web", ["followers": 2])
            let stranger: ID<Node> = ID("n-stranger")
            try await machines.drivers["two"]?.create(
                NodeSpecification(
                    id: stranger, name: "stranger", cluster: ID("c-gone"), project: cluster.project, network: "10.0.0.0/24",
                    address: "10.0.0.9", resources: cluster.nodes[0].resources, packages: [], allowsEgress: false, peers: [:]))
            try await fixture.until("removed") { machines.drivers["two"]?.nodes[stranger] == nil }
            try await fixture.until("told") { try await fixture.events().contains { $0.type == "node.orphan-removed" } }
            try fixture.expectSettled(machines, "web")
        }
    }
}
