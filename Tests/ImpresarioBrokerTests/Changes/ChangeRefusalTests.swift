// SPDX-License-Identifier: Apache-2.0

import ImpresarioBroker
import ImpresarioInfrastructure
import ImpresarioModel
import ImpresarioPlugins
import ImpresarioStore
import Testing

@testable import ImpresarioBroker

@Suite("A change that cannot be")
struct ChangeRefusalTests {
    static let bad: [(parameters: JSONValue, code: String, field: String?)] = [
        (["followers": 101], "invalid-parameters", "/parameters/followers"),
        (["leaders": 0], "invalid-parameters", "/parameters/leaders"),
        (["followers": "many"], "invalid-parameters", "/parameters/followers"),
        (["follower": 1], "invalid-parameters", "/parameters/follower"),
        (["note": "three"], "invalid-parameters", "/parameters/note"),
        (["fixed": "x"], "cannot-change", "/parameters/fixed"),
        (["flavor": "large"], "cannot-change", nil),
        (["flavor": "giant"], "cannot-change", nil),
        (["flavor": "large", "followers": 0], "cannot-change", nil),
        ("four", "invalid-body", "/parameters"),
        (["followers": 100, "leaders": 5], "quota-exceeded", nil),
    ]

    @Test("is told with code and pointer, and nothing is changed", arguments: bad.indices)
    func badValues(index: Int) async throws {
        let bad = Self.bad[index]
        try await BrokerFixture.with(limits: ["node": 100]) { fixture in
            _ = try await fixture.made()
            let before = try await fixture.store.list(prefix: "").records
            let problem = await fixture.refusal(bad.parameters)
            #expect(problem?.code == bad.code && problem?.field == bad.field, "\(String(describing: problem))")
            #expect(try await fixture.store.list(prefix: "").records == before)
        }
    }

    @Test("for want of room or of an address leaves nothing")
    func noRoom() async throws {
        let driver = SimulatedDriver(capacity: ["cpu": 64_000, "memory": 2 << 30, "disk": 4 << 40])
        try await BrokerFixture.with(driver: driver) { fixture in
            _ = try await fixture.made()
            let before = try await fixture.store.list(prefix: "").records
            let problem = await fixture.refusal(["followers": 4])
            #expect(problem?.code == "no-capacity" && problem?.facts?["placed"] == 1)
            #expect(try await fixture.store.list(prefix: "").records == before)
        }
    }

    @Test("while an operation works on the cluster names it, and waits for a cluster that is no longer whole")
    func busy() async throws {
        let driver = SimulatedDriver()
        try await BrokerFixture.with(driver: driver) { fixture in
            _ = try await fixture.made()
            driver.plan(.delay(.seconds(3600)), for: .create)
            let running = try #require(try await fixture.change(["followers": 3]).operation)
            let problem = await fixture.refusal(["followers": 1])
            #expect(problem?.code == "conflict" && problem?.facts?["operation"] == .string(running.id.rawValue))
            #expect(await fixture.refusal(["followers": 3])?.code == "conflict")
            // Labels are their owner's and in nobody's way.
            #expect(try await fixture.change(nil, labels: ["a": "b"]).cluster.labels == ["a": "b"])
            // Deletion always may.
            _ = try await fixture.end(of: fixture.delete("web").operation.id)
            #expect(try await fixture.end(of: running.id).state == .cancelled)
            #expect(try await driver.list().isEmpty)
            #expect(try fixture.broker.quota(ofTenant: "acme", for: BrokerFixture.admin).used.isEmpty)
        }
    }

    @Test("because the cluster never worked, or its plugin is quarantined, says so")
    func notReady() async throws {
        let plugins = FakePluginRuntime()
        plugins.fail(.bootstrap, with: [Problem(.pluginFailed, "No.")])
        try await BrokerFixture.with(plugins: plugins) { fixture in
            _ = try await fixture.end(of: fixture.create("broken").operation.id)
            #expect(await fixture.refusal(["followers": 3], of: "broken")?.code == "not-ready")
            let cluster = try await fixture.made()
            // A version that is not offered any more still manages what it has.
            _ = try await fixture.broker.disablePlugin(cluster.plugin.id, PluginVersion(), for: BrokerFixture.admin)
            _ = try await fixture.changed(["followers": 3])
            _ = try await fixture.broker.quarantinePlugin(
                cluster.plugin.id, QuarantinePlugin(reason: "Bad."), for: BrokerFixture.admin)
            #expect(await fixture.refusal(["followers": 1])?.code == "plugin-quarantined")
        }
    }

    @Test("by those who may not, or who have seen an older cluster, is refused")
    func access() async throws {
        try await BrokerFixture.with { fixture in
            _ = try await fixture.made()
            let revision = try fixture.broker.cluster(fixture.path("web"), for: BrokerFixture.member).revision
            let viewer = Caller(token: ID("k3"), name: "vic", role: .viewer, tenant: "acme", project: nil)
            let attempts: [(caller: Caller, expected: Revision?, code: String)] = [
                (viewer, nil, "denied"), (BrokerFixture.stranger, nil, "not-found"),
                (BrokerFixture.member, revision - 1, "precondition-failed"),
            ]
            for (caller, expected, code) in attempts {
                let problem = await #expect(throws: Problem.self) {
                    try await fixture.broker.changeCluster(
                        fixture.path("web"), ClusterChange(parameters: ["followers": 3]), expecting: expected, for: caller)
                }
                #expect(problem?.code == code)
            }
        }
    }

    @Test("for a plugin without the verb names the verb", arguments: [PluginVerb.join, .leave, .upgrade])
    func verbs(verb: PluginVerb) async throws {
        try await BrokerFixture.with(libraries: [try FakePluginRuntime.library(without: [verb])]) { fixture in
            // Leaders alone, so that nobody joins.
            _ = try await fixture.made("web", ["leaders": 3, "followers": 0, "version": "1"])
            let change: JSONValue = verb == .join ? ["leaders": 4] : verb == .leave ? ["leaders": 1] : ["version": "2"]
            let problem = await fixture.refusal(change)
            #expect(problem?.code == "not-supported-yet" && problem?.facts?["verb"] == .string(verb.rawValue))
        }
    }

    @Test("because no member is removable is told at once, with the plugin's reasons")
    func notRemovable() async throws {
        try await BrokerFixture.with { fixture in
            let before = try await fixture.made()
            fixture.plugins.tell { context in
                .array(context.nodes.map { ["id": .string($0.id), "state": "ready", "removable": false, "reason": "It is busy."] })
            }
            let problem = await fixture.refusal(["followers": 1])
            #expect(problem?.code == "not-removable" && problem?.message.contains("It is busy.") == true)
            #expect(try fixture.cluster() == before)
        }
    }
}
