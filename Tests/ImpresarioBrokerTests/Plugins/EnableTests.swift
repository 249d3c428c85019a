// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioBroker
import ImpresarioModel
import ImpresarioPlugins
import ImpresarioStore
import Testing

@Suite("Enabling a plugin")
struct EnableTests {
    @Test("asks for the approval of all packages that it names, and remembers it")
    func approval() async throws {
        try await BrokerFixture.with(libraries: []) { fixture in
            let broker = fixture.broker
            try await fixture.install(FakePluginRuntime.library(packages: ["sample-server", "extra"]))
            #expect(try await refusal { try await fixture.create("web") }.is(.pluginDisabled))
            let bare = try await refusal { try await broker.enablePlugin("sample", EnablePlugin(), for: BrokerFixture.admin) }
            #expect(bare.is(.approvalRequired))
            #expect(bare.facts?["packages"] == ["sample-server", "extra"] && bare.facts?["missing"] == ["sample-server", "extra"])
            let some = try await refusal {
                try await broker.enablePlugin("sample", EnablePlugin(approve: ["sample-server"]), for: BrokerFixture.admin)
            }
            #expect(some.facts?["missing"] == ["extra"])
            let other = try await refusal {
                try await broker.enablePlugin("sample", EnablePlugin(approve: ["sample-server", "sshd"]), for: BrokerFixture.admin)
            }
            #expect(other.is(.invalidParameters) && other.field == "/approve/1")
            let wish = EnablePlugin(version: "1.0.0", approve: ["sample-server", "extra"])
            #expect(try await broker.enablePlugin("sample", wish, for: BrokerFixture.admin).state == .enabled)
            _ = try await fixture.ready("web")
            #expect(try await broker.disablePlugin("sample", PluginVersion(), for: BrokerFixture.admin).state == .disabled)
            #expect(try await broker.enablePlugin("sample", EnablePlugin(), for: BrokerFixture.admin).state == .enabled)
            #expect(try await refusal { try await broker.enablePlugin("sample", wish, for: BrokerFixture.member) }.is(.denied))
        }
    }

    @Test("lets plans put only approved packages on nodes")
    func packages() async throws {
        let (store, plugins) = (MemoryStore(), FakePluginRuntime())
        plugins.plan("1.0.0") { plan, _ in
            var groups = plan["groups"]?.array ?? []
            groups[0] = ["name": "leader", "role": "leader", "count": 1, "flavor": "small", "packages": ["sshd"]]
            return ["groups": .array(groups)]
        }
        try await BrokerFixture.with(store: store, plugins: plugins) { fixture in
            let problem = try await refusal { try await fixture.create("web") }
            #expect(problem.is(.pluginFailed) && problem.field == "/plan/groups/0/packages")
        }
    }

    @Test("leaves one version enabled; the way from one to the other is an upgrade")
    func single() async throws {
        try await BrokerFixture.with { fixture in
            try await fixture.install(FakePluginRuntime.library("1.10.0"))
            try await fixture.install(FakePluginRuntime.library("1.9.0"))
            let detail = try fixture.broker.plugin("sample", for: BrokerFixture.admin)
            #expect(detail.versions.map(\.pin.version) == ["1.10.0", "1.9.0", "1.0.0"])
            let problem = try await refusal { try await fixture.broker.enablePlugin("sample", EnablePlugin(), for: BrokerFixture.admin) }
            #expect(problem.is(.conflict) && problem.remedy?.contains("Upgrade") == true)
            let unknown = try await refusal {
                try await fixture.broker.enablePlugin("sample", EnablePlugin(version: "7"), for: BrokerFixture.admin)
            }
            #expect(unknown.is(.notFound) && unknown.remedy?.contains("1.9.0") == true)
            let hash = String(detail.versions[0].pin.sha256.prefix(8))
            let named = try await refusal {
                try await fixture.broker.enablePlugin("sample", EnablePlugin(version: hash), for: BrokerFixture.admin)
            }
            #expect(named.remedy?.contains("1.10.0") == true)
        }
    }

    @Test("ends with disabling: new clusters are refused, those that are there stay managed")
    func disabled() async throws {
        try await BrokerFixture.with { fixture in
            _ = try await fixture.ready("web")
            for _ in 0..<2 {
                #expect(try await fixture.broker.disablePlugin("sample", PluginVersion(), for: BrokerFixture.admin).state == .disabled)
            }
            #expect(try await refusal { try await fixture.create("more") }.is(.pluginDisabled))
            #expect(try await fixture.issue("web").files["key.txt"] == "secret")
            #expect(try fixture.cluster("web").health == .healthy)
            #expect(try await fixture.end(of: fixture.delete("web").operation.id).state == .succeeded)
        }
    }

    @Test("ends with uninstalling, which waits until nothing is enabled or pinned")
    func uninstalled() async throws {
        try await BrokerFixture.with { fixture in
            let broker = fixture.broker
            _ = try await fixture.ready("web")
            let pinned = try await refusal { try await broker.uninstallPlugin("sample", PluginVersion(), for: BrokerFixture.admin) }
            #expect(pinned.is(.inUse) && pinned.message.contains("acme/shop/web") && pinned.facts?["count"] == 1)
            _ = try await fixture.end(of: fixture.delete("web").operation.id)
            let enabled = try await refusal { try await broker.uninstallPlugin("sample", PluginVersion(), for: BrokerFixture.admin) }
            #expect(enabled.is(.inUse) && enabled.remedy?.contains("Disable") == true)
            _ = try await broker.disablePlugin("sample", PluginVersion(), for: BrokerFixture.admin)
            let gone = try await broker.uninstallPlugin("sample", PluginVersion(version: "1.0.0"), for: BrokerFixture.admin)
            #expect(!fixture.library.contains(hash: gone.pin.sha256))
            #expect(fixture.plugins.registered.isEmpty)
            #expect(try await refusal { try broker.plugin("sample", for: BrokerFixture.admin) }.is(.notFound))
            #expect(try await refusal { try await fixture.create("more") }.is(.unknownType))
            // And it can come back.
            #expect(try await fixture.install(FakePluginRuntime.library()).isNew)
        }
    }
}
