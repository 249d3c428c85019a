// SPDX-License-Identifier: Apache-2.0

import ImpresarioBroker
import ImpresarioInfrastructure
import ImpresarioModel
import Testing

@Suite("A loss")
struct RepairTests {
    @Test("of a host: its nodes are replaced elsewhere under their names at full quota, and what is left there goes when it answers")
    func hostDown() async throws {
        let machines = Machines()
        try await machines.run(limits: ["node": 5]) { fixture in
            let before = try await fixture.ready("web", ["followers": 4])
            let lost = before.nodes.filter { $0.host == "two" }
            try #require(!lost.isEmpty && lost.count < 5)
            machines.drivers["two"]?.isReachable = false
            try await fixture.until("repaired", cluster: "web") { cluster in
                cluster.phase == .ready && cluster.health == .healthy && cluster.nodes.allSatisfy { $0.host == "local" }
            }
            let after = try fixture.cluster("web")
            #expect(after.nodes.map(\.name).sorted() == before.nodes.map(\.name).sorted())
            #expect(after.nodes.count == 5 && Set(after.nodes.map(\.id)).isDisjoint(with: lost.map(\.id)))
            #expect(try fixture.host("two").unreachableSince != nil)
            #expect(try fixture.broker.quota(ofTenant: "acme", for: BrokerFixture.admin).used["node"] == 5)
            #expect(Set(try await fixture.tombstones().map(\.node)) == Set(lost.map(\.id)))
            machines.drivers["two"]?.isReachable = true
            try await fixture.until("no tombstones") { try await fixture.tombstones().isEmpty }
            #expect(try fixture.host("two").unreachableSince == nil)
            try fixture.expectSettled(machines, "web")
            let told = try await fixture.events().map(\.type)
            for type in ["host.unreachable", "node.lost", "cluster.repairing", "cluster.repaired", "host.reachable"] {
                #expect(told.contains(type), "\(type)")
            }
        }
    }

    @Test("of a host, with no room elsewhere: the cluster says so, and its nodes are back with the host")
    func noRoom() async throws {
        let machines = Machines(room: 3)
        try await machines.run { fixture in
            let before = try await fixture.ready("web", ["followers": 5])
            machines.drivers["two"]?.isReachable = false
            try await fixture.until("degraded", cluster: "web") {
                $0.health == .degraded && $0.conditions.contains { $0.type == "NodesLost" }
            }
            try await fixture.until("told why") { try await fixture.events().contains { $0.type == "cluster.repair-blocked" } }
            machines.drivers["two"]?.isReachable = true
            try await fixture.until("whole", cluster: "web") { $0.health == .healthy && $0.conditions.isEmpty }
            #expect(try fixture.cluster("web").nodes.map(\.id) == before.nodes.map(\.id))
            #expect(try await fixture.events().filter { $0.type == "cluster.repair-blocked" }.count == 1)
            try fixture.expectSettled(machines, "web")
        }
    }

    @Test("of half of the members that vote is not repaired, and says so")
    func quorum() async throws {
        let machines = Machines(votes: true)
        try await machines.run { fixture in
            let before = try await fixture.ready("web", ["leaders": 4, "followers": 0])
            try #require(before.nodes.filter { $0.host == "two" }.count == 2)
            machines.drivers["two"]?.isReachable = false
            try await fixture.until("told", cluster: "web") { $0.conditions.contains { $0.type == "QuorumLost" } }
            let problem = await #expect(throws: Problem.self) {
                try await fixture.broker.repairCluster(fixture.path("web"), RepairRequest(), for: BrokerFixture.member)
            }
            #expect(problem?.code == "no-quorum" && problem?.facts?["lost"] == 2)
            try await fixture.until("told why") { try await fixture.events().contains { $0.type == "cluster.repair-blocked" } }
            machines.drivers["two"]?.isReachable = true
            try await fixture.until("whole", cluster: "web") { $0.health == .healthy && $0.conditions.isEmpty }
            #expect(try fixture.cluster("web").nodes.map(\.id) == before.nodes.map(\.id))
            // One of four is no loss of the majority.
            let accepted = try await fixture.broker.repairCluster(
                fixture.path("web"), RepairRequest(node: before.nodes[0].name), for: BrokerFixture.member)
            #expect(try await fixture.end(of: accepted.operation.id).state == .succeeded)
            try fixture.expectSettled(machines, "web")
        }
    }

    @Test("of a node that somebody destroyed is made good on its own host")
    func vanished() async throws {
        let machines = Machines(["local"])
        try await machines.run { fixture in
            let before = try await fixture.ready("web", ["followers": 2])
            try await machines.drivers["local"]?.destroy(before.nodes[1].id)
            try await fixture.until("repaired", cluster: "web") {
                $0.phase == .ready && $0.health == .healthy && $0.nodes.allSatisfy { $0.id != before.nodes[1].id }
            }
            #expect(try fixture.cluster("web").nodes.map(\.name).sorted() == before.nodes.map(\.name).sorted())
            try fixture.expectSettled(machines, "web")
        }
    }

    @Test("of a node that stops is mended by starting it, and a node that keeps stopping is replaced")
    func budget() async throws {
        let machines = Machines(["local"])
        try await machines.run { fixture in
            let before = try await fixture.ready("web", ["followers": 2])
            let (victim, driver) = (before.nodes[2].id, fixture.driver)
            var stops = 0
            try await fixture.until("replaced") {
                if driver.nodes[victim]?.isRunning == true, try fixture.cluster("web").phase == .ready {
                    driver.crash(victim)
                    stops += 1
                }
                return driver.nodes[victim] == nil
            }
            #expect(stops == 4)
            try await fixture.until("repaired", cluster: "web") { $0.phase == .ready && $0.health == .healthy }
            #expect(try await fixture.events().filter { $0.type == "node.restarted" }.count == 3)
            try fixture.expectSettled(machines, "web")
        }
    }

    @Test("is made good when a person asks: of a node by name, also one that seems to live; without one there is nothing to do")
    func asked() async throws {
        let machines = Machines()
        try await machines.run { fixture in
            let before = try await fixture.ready("web", ["followers": 2])
            let path = fixture.path("web")
            let nothing = await #expect(throws: Problem.self) {
                try await fixture.broker.repairCluster(path, RepairRequest(), for: BrokerFixture.member)
            }
            #expect(nothing?.code == "not-ready")
            let unknown = await #expect(throws: Problem.self) {
                try await fixture.broker.repairCluster(path, RepairRequest(node: "nope"), for: BrokerFixture.member)
            }
            #expect(unknown?.code == "not-found" && unknown?.field == "/node")
            let accepted = try await fixture.broker.repairCluster(
                path, RepairRequest(node: before.nodes[1].name), for: BrokerFixture.member)
            #expect(accepted.operation.kind == .repair && accepted.operation.nodes == [before.nodes[1].id])
            #expect(accepted.cluster.phase == .updating)
            #expect(try await fixture.end(of: accepted.operation.id).state == .succeeded)
            try fixture.expectSettled(machines, "web")
            #expect(machines.plugins.calls.contains { $0.verb == "leave" })
        }
    }

    @Test("whose repair fails leaves a cluster that works and says so, and the repair is tried again")
    func failure() async throws {
        let machines = Machines()
        var options = Machines.options
        options.mendingPause = .seconds(3600)
        try await machines.run(options: options) { fixture in
            let before = try await fixture.ready("web", ["followers": 2])
            machines.plugins.fail(.join, with: [Problem(.pluginFailed, "The engine said no.")])
            let accepted = try await fixture.broker.repairCluster(
                fixture.path("web"), RepairRequest(node: before.nodes[2].name), for: BrokerFixture.member)
            #expect(try await fixture.end(of: accepted.operation.id).state == .failed)
            let failed = try fixture.cluster("web")
            #expect(failed.phase == .ready && failed.conditions.contains { $0.type == "RepairFailed" })
            let retried = try await fixture.broker.retryOperation(accepted.operation.id.rawValue, for: BrokerFixture.member)
            #expect(retried.cluster.phase == .updating)
            #expect(try await fixture.end(of: accepted.operation.id).state == .succeeded)
            try await fixture.until("settled", cluster: "web") { $0.conditions.isEmpty }
            try fixture.expectSettled(machines, "web")
        }
        options.mendingPause = .milliseconds(200)
        try await machines.run(options: options) { fixture in
            let node = try fixture.cluster("web").nodes[0]
            machines.plugins.fail(.join, with: [Problem(.pluginFailed, "The engine said no.")])
            _ = try await fixture.broker.repairCluster(fixture.path("web"), RepairRequest(node: node.name), for: BrokerFixture.member)
            try await fixture.until("settled", cluster: "web") { cluster in
                cluster.phase == .ready && cluster.conditions.isEmpty
                    && cluster.nodes.allSatisfy { $0.state == .joined && $0.id != node.id }
            }
            try fixture.expectSettled(machines, "web")
        }
    }
}
