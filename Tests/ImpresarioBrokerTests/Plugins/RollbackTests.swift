// SPDX-License-Identifier: Apache-2.0

import ImpresarioBroker
import ImpresarioModel
import ImpresarioStore
import Synchronization
import Testing

@Suite("Rolling a move back")
struct RollbackTests {
    @Test("restores version, state and secrets")
    func restored() async throws {
        try await BrokerFixture.with { fixture in
            _ = try await fixture.ready("web")
            _ = try await fixture.issue("web")
            let kept = try await fixture.kept()
            try await fixture.upgrade(to: FakePluginRuntime.library("2.0.0", stateFormat: 2))
            _ = try await fixture.move("web")
            #expect(try await fixture.kept() != kept)
            let back = try await fixture.rollBack("web")
            let operation = try await fixture.end(of: try #require(back.operation, "\(back)"))
            #expect(operation.state == .succeeded && operation.kind == .rollback)
            #expect(try await fixture.kept() == kept)
            let cluster = try fixture.cluster("web")
            #expect(cluster.plugin.version == "1.0.0" && cluster.phase == .ready && cluster.health == .healthy)
            #expect(try await fixture.store.list(prefix: "copies/").records.isEmpty)
            #expect(try await fixture.events("cluster.rolled-back").count == 1)
            _ = try await fixture.issue("web")
            // Once: what was before the move is now.
            #expect(try await fixture.rollBack("web").problem?.is(.rollbackRefused) == true)
            // And forward again.
            #expect(try await fixture.move("web").state == .succeeded)
        }
    }

    @Test("is refused when something newer was written since, and says what and when")
    func newer() async throws {
        try await BrokerFixture.with { fixture in
            let id = try await fixture.ready("web").id
            try await fixture.upgrade(to: FakePluginRuntime.library("2.0.0", stateFormat: 2))
            _ = try await fixture.move("web")
            _ = try await fixture.issue("web")
            let problem = try #require(try await fixture.rollBack("web").problem)
            #expect(problem.is(.rollbackRefused) && problem.message.contains("state/issued (written 20"))
            #expect(problem.facts?["keys"]?.array?.map { $0["key"] } == ["state/issued"])
            #expect(problem.facts?["keys"]?.array?.first?["at"]?.string?.isEmpty == false)
            #expect(try fixture.cluster("web").plugin.version == "2.0.0")

            // What was taken away is news, too.
            let records = try await fixture.store.list(prefix: "state/\(id)/").records
            _ = try await fixture.store.commit(Transaction(writes: records.map { .delete($0.key) }))
            let deleted = try #require(try await fixture.rollBack("web").problem)
            #expect(deleted.message.contains("state/format (deleted)"))
        }
    }

    @Test("goes back one move, the newest")
    func newest() async throws {
        try await BrokerFixture.with { fixture in
            _ = try await fixture.ready("web")
            for version in ["2.0.0", "3.0.0"] {
                try await fixture.upgrade(to: FakePluginRuntime.library(version))
                _ = try await fixture.move("web")
            }
            let copies = Set(try await fixture.store.list(prefix: "moves/").records.map(\.key))
            #expect(copies.count == 1)
            _ = try await fixture.end(of: try #require(try await fixture.rollBack("web").operation))
            #expect(try fixture.cluster("web").plugin.version == "2.0.0")
            #expect(try await fixture.rollBack("web").problem?.is(.rollbackRefused) == true)
        }
    }

    @Test("mends a move that could be neither ended nor taken back")
    func stuck() async throws {
        let store = MemoryStore()
        let taken = Mutex<[StoredRecord]>([])
        var options = BrokerOptions()
        options.stepDeadlines["restore"] = .milliseconds(1)
        try await BrokerFixture.with(
            store: store, options: options,
            faults: { point in
                guard point == "move.restore.before", let copies = try? await store.list(prefix: "copies/").records else { return }
                // A store that does not answer in time, as far as the step can see.
                taken.withLock { $0 += copies }
                _ = try? await store.commit(Transaction(writes: copies.map { .delete($0.key) }))
            }
        ) { fixture in
            _ = try await fixture.ready("web")
            let kept = try await fixture.kept()
            try await fixture.upgrade(to: FakePluginRuntime.library("2.0.0", stateFormat: 2))
            fixture.plugins.fail(.configure, with: [Problem(.pluginFailed, "Never.")])
            let move = try await fixture.move("web")
            #expect(move.state == .failed && move.problem?.cause?.map(\.code) == ["store-failed", "step-failed"])
            #expect(try fixture.cluster("web").plugin.version == "2.0.0")
            _ = try await store.commit(Transaction(writes: taken.withLock { $0 }.map { .put($0.key, $0.value) }))
            _ = try await fixture.end(of: try #require(try await fixture.rollBack("web").operation))
            #expect(try fixture.cluster("web").plugin.version == "1.0.0")
            #expect(try await fixture.kept() == kept)
        }
    }

    @Test("needs the version before, and takes no target")
    func previous() async throws {
        try await BrokerFixture.with { fixture in
            _ = try await fixture.ready("web")
            #expect(try await fixture.rollBack("web").problem?.is(.rollbackRefused) == true)
            try await fixture.upgrade(to: FakePluginRuntime.library("2.0.0"))
            _ = try await fixture.move("web")
            _ = try await fixture.broker.uninstallPlugin("sample", PluginVersion(version: "1.0.0"), for: BrokerFixture.admin)
            #expect(try await fixture.rollBack("web").problem?.message.contains("not installed any more") == true)
            var targeted = fixture.one("web")
            targeted.to = "1.0.0"
            let problem = try await refusal {
                try await fixture.broker.rollBackPins(ofPlugin: "sample", targeted, for: BrokerFixture.admin)
            }
            #expect(problem.is(.invalidBody) && problem.field == "/to")
        }
    }
}
