// SPDX-License-Identifier: Apache-2.0

import ImpresarioBroker
import ImpresarioModel
import ImpresarioStore
import Testing

@testable import ImpresarioBroker

@Suite("Upgrading a plugin")
struct UpgradeTests {
    private static func upgrade(_ fixture: BrokerFixture, _ request: UpgradePlugin = UpgradePlugin()) async throws -> ShadowReport {
        try await fixture.broker.upgradePlugin("sample", request, for: BrokerFixture.admin)
    }

    @Test("offers the new version to new clusters when it plans those that are there alike; they stay with theirs")
    func clean() async throws {
        try await BrokerFixture.with { fixture in
            _ = try await fixture.ready("old")
            try await fixture.install(FakePluginRuntime.library("2.0.0"))
            let dry = try await Self.upgrade(fixture, UpgradePlugin(dryRun: true))
            #expect(dry.isClean && !dry.enabled && dry.clusters.map(\.cluster.name) == ["old"])
            #expect(try fixture.versions() == ["1.0.0": .enabled, "2.0.0": .installed])

            let report = try await Self.upgrade(fixture)
            #expect(report.isClean && report.enabled && report.to.version == "2.0.0")
            #expect(try fixture.versions() == ["1.0.0": .disabled, "2.0.0": .enabled])
            #expect(try fixture.cluster("old").plugin.version == "1.0.0")
            #expect(try await fixture.ready("new").plugin.version == "2.0.0")
            // Two versions run beside each other.
            _ = try await fixture.issue("old")
            _ = try await fixture.issue("new")
            let callers = fixture.plugins.calls.filter { $0.verb == "credentials" }.map(\.version)
            #expect(callers == ["1.0.0", "2.0.0"])
            #expect(try await fixture.events("plugin.upgraded").first?.data?["from"] == "1.0.0")
            // Twice: by the dry run and by the upgrade.
            #expect(fixture.plugins.calls.count { $0.verb == "plan" && $0.version == "2.0.0" } == 5)
            #expect(try await Self.upgrade(fixture).enabled)
        }
    }

    @Test("is blocked by differences, told by pointer, unless they are accepted")
    func differs() async throws {
        try await BrokerFixture.with { fixture in
            _ = try await fixture.ready("old")
            try await fixture.install(FakePluginRuntime.library("2.0.0"))
            fixture.plugins.plan("2.0.0") { plan, _ in
                var members = plan.object ?? [:]
                members["endpoints"] = [["name": "api", "group": "leader", "port": 8080, "expose": "tenant"]]
                members["version"] = "9"
                return .object(members)
            }
            let problem = try await refusal { try await Self.upgrade(fixture) }
            #expect(problem.is(.shadowDiffers) && problem.message.contains("acme/shop/old"))
            let report: ShadowReport = try #require(problem.facts?["report"]).decoded()
            #expect(report.clusters[0].differences.map(\.at) == ["/endpoints/0/port", "/version"])
            #expect(report.clusters[0].differences[0].old == 80 && report.clusters[0].differences[0].new == 8080)
            #expect(report.clusters[0].nondeterminism.isEmpty)
            #expect(try fixture.versions() == ["1.0.0": .enabled, "2.0.0": .installed])
            #expect(try await Self.upgrade(fixture, UpgradePlugin(dryRun: true)).clusters[0].differences.count == 2)

            #expect(try await Self.upgrade(fixture, UpgradePlugin(accept: true)).enabled)
            #expect(try fixture.versions() == ["1.0.0": .disabled, "2.0.0": .enabled])
        }
    }

    @Test("is blocked by a version that plans the same input in two ways, or not at all")
    func nondeterministic() async throws {
        try await BrokerFixture.with { fixture in
            _ = try await fixture.ready("old")
            try await fixture.install(FakePluginRuntime.library("2.0.0"))
            fixture.plugins.plan("2.0.0") { plan, count in
                var members = plan.object ?? [:]
                members["note"] = .integer(Int64(count))
                return .object(members)
            }
            let twice = try await refusal { try await Self.upgrade(fixture) }
            let report: ShadowReport = try #require(twice.facts?["report"]).decoded()
            #expect(report.clusters[0].differences.isEmpty && report.clusters[0].nondeterminism.map(\.at) == ["/note"])
            fixture.plugins.plan("2.0.0") { _, _ in ["groups": 7] }
            let never: ShadowReport = try #require(try await refusal { try await Self.upgrade(fixture) }.facts?["report"]).decoded()
            #expect(never.clusters[0].problem?.code == "plugin-failed")
        }
    }

    @Test("tells clusters that were made before plans were recorded, and asks for consent")
    func unrecorded() async throws {
        try await BrokerFixture.with { fixture in
            let cluster = try await fixture.ready("old")
            _ = try await fixture.store.commit(Transaction(writes: [.delete(Keys.plan(cluster.id))]))
            try await fixture.install(FakePluginRuntime.library("2.0.0"))
            let report = try await Self.upgrade(fixture, UpgradePlugin(dryRun: true))
            #expect(report.clusters.map(\.problem?.code) == ["not-found"])
            #expect(try await refusal { try await Self.upgrade(fixture) }.is(.shadowDiffers))
            #expect(try await Self.upgrade(fixture, UpgradePlugin(accept: true)).enabled)
        }
    }

    @Test("asks for approval of packages that are new; those of the version before are approved")
    func approval() async throws {
        try await BrokerFixture.with { fixture in
            try await fixture.install(FakePluginRuntime.library("2.0.0", packages: ["sample-server", "extra"]))
            let problem = try await refusal { try await Self.upgrade(fixture) }
            #expect(problem.is(.approvalRequired) && problem.facts?["missing"] == ["extra"])
            #expect(try await Self.upgrade(fixture, UpgradePlugin(approve: ["extra"])).enabled)
            let plugin = try fixture.broker.plugin("sample", for: BrokerFixture.admin).versions[0]
            #expect(plugin.approvedPackages == ["sample-server", "extra"])
        }
    }

    @Test("under requests for new clusters fails none of them")
    func underLoad() async throws {
        try await BrokerFixture.with { fixture in
            for version in ["2.0.0", "3.0.0", "4.0.0"] { try await fixture.install(FakePluginRuntime.library(version)) }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for name in 0..<20 {
                    group.addTask { _ = try await fixture.create("c\(name)", ["leaders": 1, "followers": 0, "flavor": "tiny"]) }
                }
                for version in ["2.0.0", "3.0.0", "4.0.0"] {
                    let report = try await Self.upgrade(fixture, UpgradePlugin(to: version))
                    #expect(report.enabled)
                }
                try await group.waitForAll()
            }
            let detail = try fixture.broker.plugin("sample", for: BrokerFixture.admin)
            #expect(detail.clusters.count == 20)
            #expect(detail.versions.map(\.state) == [.enabled, .disabled, .disabled, .disabled])
        }
    }
}
