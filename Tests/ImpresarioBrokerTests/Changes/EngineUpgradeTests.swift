// SPDX-License-Identifier: Apache-2.0

import ImpresarioBroker
import ImpresarioInfrastructure
import ImpresarioModel
import ImpresarioPlugins
import ImpresarioStore
import Testing

@testable import ImpresarioBroker

@Suite("A cluster whose engine is upgraded")
struct EngineUpgradeTests {
    static let old: JSONValue = ["version": "1", "leaders": 3, "followers": 3]

    /// Followers are replaced two at a time, leaders upgraded in place; both vote or not as is told.
    static func planning(_ plugins: FakePluginRuntime, surge: Int64 = 2, quorum: Bool = false, unavailable: Int64 = 1) {
        plugins.plan("1.0.0") { plan, _ in
            guard case .object(var members) = plan, let groups = members["groups"]?.array else { return plan }
            members["groups"] = .array(
                groups.map { group in
                    guard case .object(var group) = group else { return group }
                    if group["name"] == "follower", surge > 0 { group["surge"] = .integer(surge) }
                    if group["name"] == "leader" {
                        group["disruption"] = ["max_unavailable": .integer(unavailable), "quorum": .bool(quorum)]
                    }
                    return .object(group)
                })
            return .object(members)
        }
    }

    private func phases(_ plugins: FakePluginRuntime) -> [String] { plugins.arguments(of: .upgrade).compactMap { $0["phase"]?.string } }

    @Test("node by node where it stands, as many at once as its group bears to miss")
    func inPlace() async throws {
        try await BrokerFixture.with { fixture in
            Self.planning(fixture.plugins, surge: 0, quorum: true, unavailable: 2)
            let before = try await fixture.made("web", Self.old)
            #expect(before.version == "1")
            let answer = try await fixture.change(["version": "2"])
            let operation = try #require(answer.operation)
            #expect(operation.kind == .upgrade && operation.steps.map(\.name) == ["prepare", "roll", "finish", "health", "endpoints"])
            let ended = try await fixture.end(of: operation.id)
            #expect(ended.state == .succeeded && ended.nodes?.isEmpty == true)
            let after = try fixture.cluster()
            #expect(after.version == "2" && after.parameters["version"] == "2" && after.nodes == before.nodes)
            let calls = fixture.plugins.arguments(of: .upgrade)
            // Of three leaders that vote one may be away.
            #expect(phases(fixture.plugins) == ["prepare"] + Array(repeating: "nodes", count: 6) + ["finish"])
            #expect(calls.allSatisfy { $0["to"] == "2" } && calls.first?["nodes"] == [] && calls.last?["nodes"] == [])
            #expect(Set(calls.flatMap { $0["nodes"]?.array ?? [] }.compactMap(\.string)) == Set(before.nodes.map(\.id.rawValue)))
            #expect(fixture.plugins.arguments(of: .configure).isEmpty)
            try await fixture.expectWhole()
            #expect(try await fixture.planRecord().plan.version == "2")
            // Once more there is nothing to do.
            #expect(try await fixture.change([:]).operation == nil)
        }
    }

    @Test("with new nodes beside the old ones, which are charged all the time")
    func surge() async throws {
        try await BrokerFixture.with(limits: ["node": 8]) { fixture in
            Self.planning(fixture.plugins)
            let before = try await fixture.made("web", Self.old)
            #expect(try fixture.broker.quota(ofTenant: "acme", for: BrokerFixture.admin).used["node"] == 8)
            let after = try await fixture.changed(["version": "2"])
            #expect(try fixture.counts() == ["leader": 3, "follower": 3])
            let (old, new) = (Set(before.nodes.map(\.id)), after.nodes)
            #expect(new.filter { $0.group == "leader" }.allSatisfy { old.contains($0.id) })
            #expect(!new.filter { $0.group == "follower" }.contains { old.contains($0.id) })
            #expect(new.allSatisfy { $0.replaces == nil && $0.state == .joined })
            #expect(try await Set(fixture.driver.list().map(\.id)) == Set(new.map(\.id)))
            #expect(try fixture.broker.quota(ofTenant: "acme", for: BrokerFixture.admin).used["node"] == 8)
            let left = fixture.plugins.arguments(of: .leave)
            #expect(left.map { $0["nodes"]?.array?.count } == [2, 1] && left.map { $0["replaced_by"]?.array?.count } == [2, 1])
            #expect(phases(fixture.plugins) == ["prepare", "nodes", "nodes", "nodes", "finish"])
        }
    }

    @Test("together with other counts and packages, of which replaced nodes alone can have new ones")
    func mixed() async throws {
        try await BrokerFixture.with { fixture in
            Self.planning(fixture.plugins)
            _ = try await fixture.made("web", Self.old)
            _ = try await fixture.changed(["version": "2", "leaders": 1, "followers": 4, "note": "one"])
            #expect(try fixture.counts() == ["leader": 1, "follower": 4])
            #expect(fixture.plugins.arguments(of: .configure).count == 1)
            #expect(try fixture.cluster().nodes.allSatisfy { $0.state == .joined && $0.replaces == nil })
        }
    }

    @Test("half way is gone on with by a retry, and by asking again")
    func unfinished() async throws {
        try await BrokerFixture.with { fixture in
            Self.planning(fixture.plugins)
            _ = try await fixture.made("web", Self.old)
            fixture.plugins.fail(.leave, with: [Problem(.pluginFailed, "Not today.")])
            let first = try #require(try await fixture.change(["version": "2"]).operation)
            #expect(try await fixture.end(of: first.id).state == .failed)
            #expect(try fixture.cluster().phase == .ready && fixture.cluster().nodes.count { $0.replaces != nil } == 2)
            // Nobody is charged for what stands beside.
            #expect(try fixture.broker.quota(ofTenant: "acme", for: BrokerFixture.admin).used["node"] == 8)
            let again = try #require(try await fixture.change([:]).operation)
            #expect(again.kind == .upgrade && again.nodes?.count == 3)
            #expect(try await fixture.end(of: again.id).state == .succeeded)
            #expect(try fixture.counts() == ["leader": 3, "follower": 3] && fixture.cluster().nodes.allSatisfy { $0.replaces == nil })
            #expect(try await fixture.change([:]).operation == nil)
        }
    }

    static let points = ["prepare", "roll", "finish", "health", "endpoints"].flatMap { step in
        BrokerOptions.faultPoints.map { "upgrade.\(step).\($0)" }
    }

    @Test("is ended by the next broker when one dies, at any point", arguments: points)
    func crashAnywhere(point: String) async throws {
        let (store, driver, plugins) = (MemoryStore(), SimulatedDriver(), FakePluginRuntime())
        Self.planning(plugins)
        let (reached, reacher) = AsyncStream.makeStream(of: Void.self)
        var operation: ImpresarioModel.Operation?
        try await BrokerFixture.with(
            store: store, driver: driver, plugins: plugins,
            faults: { here in
                guard here == point else { return }
                reacher.yield()
                try? await Task.sleep(for: .seconds(3600))
            }
        ) { fixture in
            _ = try await fixture.made("web", Self.old)
            operation = try await fixture.change(["version": "2"]).operation
            for await _ in reached { break }
        }
        try await Self.ends(operation, store, driver, plugins)
    }

    /// In the middle of the longest step, where it waits for a machine.
    @Test("is ended by the next broker when one dies in the middle", arguments: [SimulatedCall.create, .execute, .destroy])
    func crashWithin(call: SimulatedCall) async throws {
        let (store, driver, plugins) = (MemoryStore(), SimulatedDriver(), FakePluginRuntime())
        Self.planning(plugins)
        var operation: ImpresarioModel.Operation?
        try await BrokerFixture.with(store: store, driver: driver, plugins: plugins) { fixture in
            let before = try await fixture.made("web", Self.old)
            let known = driver.journal.count { $0.call == call }
            // The first of the kind is the one that waits: for a new node, or for one that goes.
            driver.plan(.delay(.seconds(3600)), for: call)
            operation = try await fixture.change(["version": "2"]).operation
            let deadline = ContinuousClock.now + .seconds(60)
            while true {
                let hasBegun = try fixture.cluster().nodes != before.nodes
                if hasBegun, driver.journal.count(where: { $0.call == call }) > known { break }
                try #require(ContinuousClock.now < deadline)
                try await Task.sleep(for: .milliseconds(10))
            }
        }
        try await Self.ends(operation, store, driver, plugins)
    }

    private static func ends(
        _ operation: ImpresarioModel.Operation?, _ store: MemoryStore, _ driver: SimulatedDriver, _ plugins: FakePluginRuntime
    ) async throws {
        try await BrokerFixture.with(store: store, driver: driver, plugins: plugins) { fixture in
            let ended = try await fixture.end(of: #require(operation).id)
            #expect(ended.state == .succeeded, "\(String(describing: ended.problem))")
            let cluster = try fixture.cluster()
            #expect(cluster.version == "2" && cluster.phase == .ready && cluster.health == .healthy)
            #expect(cluster.nodes.count == 6 && cluster.nodes.allSatisfy { $0.state == .joined && $0.replaces == nil })
            #expect(try await Set(driver.list().map(\.id)) == Set(cluster.nodes.map(\.id)))
            _ = try await fixture.end(of: fixture.delete("web").operation.id)
            #expect(try await driver.list().isEmpty)
            #expect(try await store.list(prefix: "plans/").records.isEmpty)
            #expect(try fixture.broker.quota(ofTenant: "acme", for: BrokerFixture.admin).used.isEmpty)
        }
    }
}
