// SPDX-License-Identifier: Apache-2.0

import ImpresarioBroker
import ImpresarioInfrastructure
import ImpresarioModel
import ImpresarioPlugins
import ImpresarioStore
import Testing

@Suite("A deletion")
struct DeletionTests {
    @Test("ends while a host does not answer: the tenant is rid of the nodes, the host's room is taken until it destroys them")
    func hostGone() async throws {
        let machines = Machines()
        try await machines.run(limits: ["node": 6]) { fixture in
            let cluster = try await fixture.ready("web", ["followers": 5])
            let lost = cluster.nodes.filter { $0.host == "two" }
            try #require(!lost.isEmpty)
            machines.drivers["two"]?.isReachable = false
            #expect(try await fixture.end(of: fixture.delete("web").operation.id).state == .succeeded)
            #expect(try fixture.broker.quota(ofTenant: "acme", for: BrokerFixture.admin).used.isEmpty)
            #expect(Set(try await fixture.tombstones().map(\.node)) == Set(lost.map(\.id)))
            #expect(machines.nodes() == Set(lost.map(\.id)))
            // The tenant's quota is free, and so are names; the address is not.
            let again = try await fixture.ready("web", ["followers": 5])
            #expect(Set(again.nodes.map(\.address)).isDisjoint(with: lost.map(\.address)))

            machines.drivers["two"]?.isReachable = true
            try await fixture.until("no tombstones") { try await fixture.tombstones().isEmpty }
            try await fixture.until("settled") { machines.nodes() == Set(try fixture.cluster("web").nodes.map(\.id)) }
            let told = try await fixture.events().map(\.type)
            for type in ["host.unreachable", "node.given-up", "host.reachable", "node.tombstone-removed"] { #expect(told.contains(type)) }
        }
    }

    @Test("of a cluster that sleeps on a host that does not answer takes no cpu and memory back there")
    func asleep() async throws {
        let machines = Machines(["local"])
        try await machines.run { fixture in
            let cluster = try await fixture.ready("web", ["followers": 2])
            _ = try await fixture.end(of: fixture.broker.hibernateCluster(fixture.path("web"), for: BrokerFixture.member).operation.id)
            machines.drivers["local"]?.isReachable = false
            #expect(try await fixture.end(of: fixture.delete("web").operation.id).state == .succeeded)
            #expect(Set(try await fixture.tombstones().map(\.node)) == Set(cluster.nodes.map(\.id)))
            for tombstone in try await fixture.tombstones() {
                #expect(tombstone.resources[ResourceVector.cpu] == 0 && tombstone.resources[ResourceVector.memory] == 0)
                #expect(tombstone.resources[ResourceVector.disk] > 0)
            }
        }
    }

    @Test("ends when a host answers and does not destroy, and the node is destroyed later")
    func stubborn() async throws {
        let machines = Machines(["local"])
        var options = Machines.options
        options.burialPatience = .milliseconds(300)
        try await machines.run(options: options) { fixture in
            let cluster = try await fixture.ready("web", ["followers": 2])
            let refusal = Problem(.conflict, "Busy.", owner: .infrastructure)
            machines.drivers["local"]?.plan(.fail(refusal), for: .destroy, on: cluster.nodes[0].id, times: 3)
            let ended = try await fixture.end(of: fixture.delete("web").operation.id)
            #expect(ended.state == .succeeded, "\(String(describing: ended.problem))")
            try await fixture.until("nothing is left") { try await fixture.tombstones().isEmpty && machines.nodes().isEmpty }
        }
    }

    @Test("ends whatever has become of the plugin", arguments: ["crashed", "disabled", "quarantined", "refusing"])
    func plugin(state: String) async throws {
        let machines = Machines()
        try await machines.run { fixture in
            let cluster = try await fixture.ready("web", ["followers": 2])
            switch state {
            case "crashed": machines.plugins.fail(.destroy, with: Array(repeating: Problem(.pluginCrashed, "Dead."), count: 100))
            case "refusing": machines.plugins.fail(.destroy, with: [Problem(.pluginFailed, "No.")])
            case "disabled": _ = try await fixture.broker.disablePlugin("sample", PluginVersion(), for: BrokerFixture.admin)
            default: machines.plugins.report(CrashLoop(pin: cluster.plugin, reason: "It keeps crashing.", lines: []))
            }
            if state == "quarantined" {
                try await fixture.until("quarantined") { machines.plugins.quarantined[cluster.plugin] != nil }
            }
            #expect(try await fixture.end(of: fixture.delete("web").operation.id).state == .succeeded)
            #expect(machines.nodes().isEmpty)
            #expect(try await fixture.store.list(prefix: "state/").records.isEmpty)
        }
    }

    @Test("ends with a plugin that is not there any more")
    func uninstalled() async throws {
        let machines = Machines()
        try await machines.run { fixture in
            let cluster = try await fixture.ready("web", ["followers": 2])
            await machines.plugins.unregister(cluster.plugin)
            #expect(try await fixture.end(of: fixture.delete("web").operation.id).state == .succeeded)
            #expect(machines.nodes().isEmpty)
        }
    }

    @Test("of a cluster on many nodes that are all given up stays within what a commit holds")
    func many() async throws {
        let machines = Machines(["local", "two"], room: 100)
        try await machines.run { fixture in
            _ = try await fixture.ready("web", ["followers": 99])
            for driver in machines.drivers.values { driver.isReachable = false }
            #expect(try await fixture.end(of: fixture.delete("web").operation.id).state == .succeeded)
            #expect(try await fixture.tombstones().count == 100)
            for driver in machines.drivers.values { driver.isReachable = true }
            try await fixture.until("nothing is left") { try await fixture.tombstones().isEmpty && machines.nodes().isEmpty }
        }
    }
}
