// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioBroker
import ImpresarioInfrastructure
import ImpresarioModel
import ImpresarioPlugins
import ImpresarioStore
import Testing

@Suite("A plugin in quarantine")
struct QuarantineTests {
    @Test("is not called; its clusters say so, and are managed again when it is lifted")
    func quarantined() async throws {
        try await BrokerFixture.with { fixture in
            let broker = fixture.broker
            _ = try await fixture.ready("web")
            let empty = try await refusal {
                try await broker.quarantinePlugin("sample", QuarantinePlugin(reason: ""), for: BrokerFixture.admin)
            }
            #expect(empty.is(.invalidBody) && empty.field == "/reason")
            let plugin = try await broker.quarantinePlugin("sample", QuarantinePlugin(reason: "it leaks"), for: BrokerFixture.admin)
            #expect(plugin.state == .quarantined && plugin.quarantine?.reason == "it leaks" && plugin.quarantine?.previous == .enabled)
            #expect(try await refusal { try await fixture.create("more") }.is(.pluginQuarantined))
            #expect(try await refusal { try await fixture.issue("web") }.is(.pluginQuarantined))
            try await fixture.until("the cluster says so") {
                let cluster = try fixture.cluster("web")
                return cluster.health == .unknown
                    && cluster.conditions.contains { $0.type == "PluginQuarantined" && $0.message.contains("it leaks") }
            }
            #expect(
                try await refusal { try await broker.enablePlugin("sample", EnablePlugin(), for: BrokerFixture.admin) }.is(
                    .pluginQuarantined))
            #expect(
                try await refusal { try await broker.disablePlugin("sample", PluginVersion(version: "1.0.0"), for: BrokerFixture.admin) }
                    .is(.conflict))

            let lifted = try await broker.liftPlugin("sample", PluginVersion(), for: BrokerFixture.admin)
            #expect(lifted.state == .enabled && lifted.quarantine == nil)
            try await fixture.until("the cluster is healthy") { try fixture.cluster("web").health == .healthy }
            _ = try await fixture.issue("web")
            #expect(try await refusal { try await broker.liftPlugin("sample", PluginVersion(), for: BrokerFixture.admin) }.is(.conflict))
            #expect(try await fixture.events("plugin.quarantined").map(\.actor) == ["ada"])
            #expect(try await fixture.events("plugin.lifted").count == 1)
        }
    }

    @Test("that the runtime has put there is on record with reason and last lines, also for the next broker")
    func crashLoop() async throws {
        let (store, plugins) = (MemoryStore(), FakePluginRuntime())
        try await BrokerFixture.with(store: store, plugins: plugins) { fixture in
            let pin = try #require(try fixture.broker.plugin("sample", for: BrokerFixture.admin).versions.first).pin
            plugins.report(CrashLoop(pin: pin, reason: "5 crashes in 10 s", lines: ["assertion failed"]))
            try await fixture.until("it is on record") { try fixture.versions() == ["1.0.0": .quarantined] }
            let plugin = try #require(try fixture.broker.plugin("sample", for: BrokerFixture.admin).versions.first)
            #expect(plugin.quarantine?.reason == "5 crashes in 10 s" && plugin.quarantine?.lines == ["assertion failed"])
            let event = try #require(try await fixture.events("plugin.quarantined").first)
            #expect(event.actor == "broker" && event.data?["lines"] == ["assertion failed"])
            await plugins.lift(pin)
        }
        #expect(plugins.quarantined.isEmpty)
        try await BrokerFixture.with(store: store, plugins: plugins) { fixture in
            #expect(plugins.quarantined.values.map(\.self) == ["5 crashes in 10 s"])
            let versions = try fixture.versions()
            #expect(versions == ["1.0.0": .quarantined])
            #expect(try await fixture.broker.liftPlugin("sample", PluginVersion(), for: BrokerFixture.admin).state == .enabled)
            #expect(plugins.quarantined.isEmpty)
        }
    }

    enum Loss: CaseIterable { case crashes, disabled, quarantined, forgotten, file }

    @Test("or lost in any other way never makes a cluster undeletable", arguments: Loss.allCases)
    func deletable(loss: Loss) async throws {
        let (store, plugins, driver) = (MemoryStore(), FakePluginRuntime(), SimulatedDriver())
        try await BrokerFixture.with(store: store, driver: driver, plugins: plugins) { fixture in
            _ = try await fixture.ready("web")
            let pin = try fixture.cluster("web").plugin
            switch loss {
            case .crashes: plugins.fail(.destroy, with: [Problem(.pluginCrashed, "It crashed.")])
            case .disabled: _ = try await fixture.broker.disablePlugin("sample", PluginVersion(), for: BrokerFixture.admin)
            case .quarantined:
                _ = try await fixture.broker.quarantinePlugin("sample", QuarantinePlugin(reason: "test"), for: BrokerFixture.admin)
            case .forgotten: await plugins.unregister(pin)
            case .file: fixture.library.remove(hash: pin.sha256)
            }
            #expect(try await fixture.end(of: fixture.delete("web").operation.id).state == .succeeded)
            #expect(try await driver.list().isEmpty)
            #expect(try await store.list(prefix: "plans/").records.isEmpty)
        }
    }

    @Test("or whose file is gone at the next start is told by its clusters")
    func gone() async throws {
        let store = MemoryStore()
        let driver = SimulatedDriver()
        try await BrokerFixture.with(store: store, driver: driver) { fixture in _ = try await fixture.ready("web") }
        // Neither the broker's copy nor the file where it was found.
        try await BrokerFixture.with(store: store, driver: driver, libraries: []) { fixture in
            try await fixture.until("the cluster says so") {
                let cluster = try fixture.cluster("web")
                return cluster.health == .unknown && cluster.conditions.contains { $0.type == "PluginUnavailable" }
            }
            #expect(try await fixture.end(of: fixture.delete("web").operation.id).state == .succeeded)
            #expect(try await driver.list().isEmpty)
        }
    }
}
