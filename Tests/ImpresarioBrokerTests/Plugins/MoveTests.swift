// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioBroker
import ImpresarioModel
import ImpresarioStore
import Testing

@Suite("Moving clusters to another version")
struct MoveTests {
    @Test("copies state, configures, asks for health, and tells its tenant nothing")
    func moved() async throws {
        try await BrokerFixture.with { fixture in
            let before = try await fixture.ready("web")
            try await fixture.upgrade(to: FakePluginRuntime.library("2.0.0"))
            let kept = try await fixture.kept()
            let operation = try await fixture.move("web")
            #expect(operation.state == .succeeded && operation.kind == .move)
            #expect(operation.steps.map(\.name) == ["snapshot", "pin", "migrate", "configure", "health"])
            #expect(operation.pins?.from.version == "1.0.0" && operation.pins?.to.version == "2.0.0")
            let cluster = try fixture.cluster("web")
            #expect(cluster.plugin.version == "2.0.0" && cluster.phase == .ready && cluster.health == .healthy)
            #expect(cluster.nodes == before.nodes)
            #expect(try await fixture.kept() == kept)
            let called = fixture.plugins.calls.filter { $0.version == "2.0.0" }.map(\.verb)
            #expect(called.contains("configure") && !called.contains("migrate"))
            #expect(try await fixture.events("cluster.moved").count == 1)
            // There already.
            let again = try await fixture.broker.movePins(ofPlugin: "sample", fixture.one("web"), for: BrokerFixture.admin)
            #expect(again.moves.map(\.operation) == [nil] && again.moves.map(\.problem) == [nil])
        }
    }

    @Test("goes one by one, by project, or all at once, and says which")
    func selection() async throws {
        try await BrokerFixture.with { fixture in
            let broker = fixture.broker
            _ = try await broker.createProject("lab", of: "acme", limits: [:], for: BrokerFixture.admin)
            for name in ["a", "b", "c"] { _ = try await fixture.ready(name, ["leaders": 1, "followers": 0, "flavor": "tiny"]) }
            let other = try await broker.createCluster(
                NewCluster(name: "d", type: "sample", parameters: ["followers": 0]), in: "lab", of: "acme", for: BrokerFixture.admin)
            _ = try await fixture.end(of: other.operation.id)
            try await fixture.upgrade(to: FakePluginRuntime.library("2.0.0"))

            #expect(try await fixture.move("b").state == .succeeded)
            func pins() throws -> [String] {
                try broker.plugin("sample", for: BrokerFixture.admin).clusters.map { "\($0.name) \($0.pin.version)" }.sorted()
            }
            #expect(try pins() == ["a 1.0.0", "b 2.0.0", "c 1.0.0", "d 1.0.0"])
            let project = try await broker.movePins(ofPlugin: "sample", MovePins(tenant: "acme", project: "shop"), for: BrokerFixture.admin)
            #expect(project.moves.map(\.cluster.name) == ["a", "b", "c"] && project.moves[1].operation == nil)
            for move in project.moves { if let id = move.operation { #expect(try await fixture.end(of: id).state == .succeeded) } }
            #expect(try pins() == ["a 2.0.0", "b 2.0.0", "c 2.0.0", "d 1.0.0"])
            let all = try await broker.movePins(ofPlugin: "sample", MovePins(to: "1.0.0", all: true), for: BrokerFixture.admin)
            #expect(all.moves.count == 4)
            for move in all.moves { if let id = move.operation { #expect(try await fixture.end(of: id).state == .succeeded) } }
            #expect(try pins() == ["a 1.0.0", "b 1.0.0", "c 1.0.0", "d 1.0.0"])

            for wrong in [
                MovePins(), MovePins(tenant: "acme"), MovePins(tenant: "acme", project: "shop", all: true), MovePins(project: "shop"),
                MovePins(cluster: "a"),
            ] {
                #expect(
                    try await refusal { try await broker.movePins(ofPlugin: "sample", wrong, for: BrokerFixture.admin) }.is(.invalidBody))
            }
            #expect(
                try await refusal { try await broker.movePins(ofPlugin: "sample", fixture.one("x"), for: BrokerFixture.admin) }.is(
                    .notFound))
            #expect(
                try await refusal { try await broker.movePins(ofPlugin: "sample", fixture.one("a"), for: BrokerFixture.member) }.is(.denied)
            )
        }
    }

    @Test("migrates state that an older format wrote")
    func migrated() async throws {
        try await BrokerFixture.with { fixture in
            _ = try await fixture.ready("web")
            try await fixture.upgrade(to: FakePluginRuntime.library("2.0.0", stateFormat: 2))
            let before = try await fixture.kept()
            #expect(try await fixture.move("web").state == .succeeded)
            let after = try await fixture.kept()
            #expect(after.count == before.count + 1 && after != before)
            #expect(fixture.plugins.calls.contains { $0.verb == "migrate" && $0.version == "2.0.0" })
        }
    }

    @Test("is refused when the state's format forbids it, or the version was never enabled")
    func refused() async throws {
        try await BrokerFixture.with { fixture in
            _ = try await fixture.ready("web")
            func problem(_ to: String) async throws -> Problem {
                var request = fixture.one("web")
                request.to = to
                let moves = try await fixture.broker.movePins(ofPlugin: "sample", request, for: BrokerFixture.admin).moves
                #expect(moves.first?.operation == nil)
                return try #require(moves.first?.problem)
            }
            try await fixture.install(FakePluginRuntime.library("2.0.0", stateFormat: 2, without: [.migrate]))
            #expect(try await problem("2.0.0").message.contains("never enabled"))
            try await fixture.upgrade(to: FakePluginRuntime.library("2.0.0", stateFormat: 2, without: [.migrate]))
            #expect(try await problem("2.0.0").is(.moveRefused))
            #expect(try await problem("2.0.0").message.contains("no 'migrate'"))
            try await fixture.upgrade(to: FakePluginRuntime.library("3.0.0", stateFormat: 3))
            #expect(try await fixture.move("web").state == .succeeded)
            #expect(try await problem("1.0.0").message.contains("format 1"))
            _ = try await fixture.broker.quarantinePlugin(
                "sample", QuarantinePlugin(version: "2.0.0", reason: "bad"), for: BrokerFixture.admin)
            #expect(try await problem("2.0.0").message.contains("quarantined"))
        }
    }

    @Test("takes everything back when it fails", arguments: [PluginVerb.migrate, .configure, .health])
    func takenBack(verb: PluginVerb) async throws {
        var options = BrokerOptions()
        options.stepDeadlines["health"] = .seconds(2)
        try await BrokerFixture.with(options: options) { fixture in
            let before = try await fixture.ready("web")
            _ = try await fixture.issue("web")
            try await fixture.upgrade(to: FakePluginRuntime.library("2.0.0", stateFormat: 2))
            let kept = try await fixture.kept()
            if verb == .health {
                fixture.plugins.say(.unhealthy, by: "2.0.0")
            } else {
                fixture.plugins.fail(verb, with: [Problem(.pluginFailed, "It cannot.")])
            }
            let operation = try await fixture.move("web")
            #expect(operation.state == .failed && operation.steps.last?.name == "restore" && operation.steps.last?.state == .done)
            let code = verb == .health ? "deadline-exceeded" : "plugin-failed"
            #expect(operation.problem?.cause?.first?.code == code, "\(String(describing: operation.problem))")
            let cluster = try fixture.cluster("web")
            #expect(cluster.plugin == before.plugin && cluster.phase == .ready)
            #expect(try await fixture.kept() == kept)
            #expect(try await fixture.store.list(prefix: "copies/").records.isEmpty)
            #expect(try await fixture.store.list(prefix: "moves/").records.isEmpty)
            try await fixture.until("its own version finds it healthy") { try fixture.cluster("web").health == .healthy }
            _ = try await fixture.issue("web")
        }
    }

    @Test("is refused when there is more to copy than the broker keeps twice, and changes nothing")
    func bounded() async throws {
        try await BrokerFixture.with { fixture in
            let before = try await fixture.ready("web")
            try await fixture.upgrade(to: FakePluginRuntime.library("2.0.0"))
            for batch in 0..<21 {
                let writes = (0..<100).map { Write.put("state/\(before.id)/\(batch)-\($0)", Data(#"{"value":"AA=="}"#.utf8)) }
                _ = try await fixture.store.commit(Transaction(writes: writes))
            }
            let operation = try await fixture.move("web")
            #expect(operation.state == .failed && operation.problem?.cause?.first?.code == "move-refused")
            #expect(try fixture.cluster("web").plugin == before.plugin)
            #expect(try await fixture.store.list(prefix: "copies/").records.isEmpty)
        }
    }

    @Test("of a cluster that something else works on is told, not waited for")
    func busy() async throws {
        let (reached, reacher) = AsyncStream.makeStream(of: Void.self)
        let (gate, opener) = AsyncStream.makeStream(of: Void.self)
        try await BrokerFixture.with(
            faults: { point in
                guard point == "create.join.before" else { return }
                reacher.yield()
                for await _ in gate {}
            }
        ) { fixture in
            let created = try await fixture.create("web")
            for await _ in reached { break }
            try await fixture.upgrade(to: FakePluginRuntime.library("2.0.0"))
            let moves = try await fixture.broker.movePins(ofPlugin: "sample", MovePins(all: true), for: BrokerFixture.admin).moves
            #expect(moves.map(\.problem?.code) == ["conflict"] && moves[0].operation == nil)
            opener.finish()
            #expect(try await fixture.end(of: created.operation.id).state == .succeeded)
            #expect(try fixture.cluster("web").plugin.version == "1.0.0")
            #expect(try await fixture.move("web").state == .succeeded)
        }
    }

    @Test("lets a tenant's calls wait instead of failing them, and answers a second request with the move that runs")
    func unnoticed() async throws {
        let (reached, reacher) = AsyncStream.makeStream(of: Void.self)
        let (gate, opener) = AsyncStream.makeStream(of: Void.self)
        try await BrokerFixture.with(
            faults: { point in
                guard point == "move.configure.before" else { return }
                reacher.yield()
                for await _ in gate {}
            }
        ) { fixture in
            _ = try await fixture.ready("web")
            try await fixture.upgrade(to: FakePluginRuntime.library("2.0.0"))
            let begun = try await fixture.broker.movePins(ofPlugin: "sample", fixture.one("web"), for: BrokerFixture.admin).moves[0]
            for await _ in reached { break }
            let again = try await fixture.broker.movePins(ofPlugin: "sample", fixture.one("web"), for: BrokerFixture.admin).moves[0]
            #expect(begun.operation != nil && again.operation == begun.operation)
            let other = try await fixture.rollBack("web")
            #expect(other.problem?.is(.conflict) == true)
            let node = try fixture.cluster("web").nodes[0].name
            async let greeted = fixture.broker.perform(
                "greet", on: fixture.path("web"), arguments: ["node": .string(node)], for: BrokerFixture.member)
            async let credentials = fixture.issue("web")
            #expect(try fixture.cluster("web").phase == .ready)
            opener.finish()
            #expect(try await greeted["greeted"] != nil)
            #expect(try await credentials.files["key.txt"] == "secret")
            #expect(try await fixture.end(of: try #require(begun.operation)).state == .succeeded)
            #expect(fixture.plugins.calls.filter { $0.verb == "greet" || $0.verb == "credentials" }.allSatisfy { $0.version == "2.0.0" })
        }
    }

    @Test("that a delete overtakes leaves nothing")
    func overtaken() async throws {
        let (reached, reacher) = AsyncStream.makeStream(of: Void.self)
        try await BrokerFixture.with(
            faults: { point in
                guard point == "move.migrate.before" else { return }
                reacher.yield()
                try? await Task.sleep(for: .seconds(3600))
            }
        ) { fixture in
            _ = try await fixture.ready("web")
            try await fixture.upgrade(to: FakePluginRuntime.library("2.0.0"))
            let begun = try await fixture.broker.movePins(ofPlugin: "sample", MovePins(all: true), for: BrokerFixture.admin).moves[0]
            for await _ in reached { break }
            let old = try await refusal {
                try await fixture.broker.uninstallPlugin("sample", PluginVersion(version: "1.0.0"), for: BrokerFixture.admin)
            }
            #expect(old.is(.inUse))
            #expect(try await fixture.end(of: fixture.delete("web").operation.id).state == .succeeded)
            #expect(try await fixture.end(of: try #require(begun.operation)).state == .cancelled)
            for prefix in ["state/", "secrets/", "plans/", "moves/", "copies/"] {
                #expect(try await fixture.store.list(prefix: prefix).records.isEmpty, "\(prefix)")
            }
            _ = try await fixture.broker.uninstallPlugin("sample", PluginVersion(version: "1.0.0"), for: BrokerFixture.admin)
        }
    }
}
