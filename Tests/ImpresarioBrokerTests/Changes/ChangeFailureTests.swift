// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import ImpresarioBroker
import ImpresarioInfrastructure
import ImpresarioModel
import ImpresarioPlugins
import ImpresarioStore
import Testing

@testable import ImpresarioBroker

@Suite("A change that does not come to its end")
struct ChangeFailureTests {
    static let refusal = Problem(.pluginFailed, "Not today.")

    @Test("leaves a cluster that works and says so, and goes on where it stopped")
    func growing() async throws {
        try await BrokerFixture.with { fixture in
            let before = try await fixture.made()
            fixture.plugins.fail(.join, with: [Self.refusal])
            let operation = try #require(try await fixture.change(["followers": 5]).operation)
            #expect(try await fixture.end(of: operation.id).state == .failed)
            let after = try fixture.cluster()
            #expect(after.phase == .ready && after.conditions.map(\.type) == ["ChangeFailed"])
            #expect(after.nodes.filter { $0.state == .joined }.map(\.id) == before.nodes.map(\.id))
            #expect(after.nodes.filter { $0.state == .running }.count == 3)
            // It is told as long as it is so, whatever the plugin reports.
            let deadline = ContinuousClock.now + .seconds(60)
            while try fixture.cluster().health != .degraded {
                try #require(ContinuousClock.now < deadline)
                try await Task.sleep(for: .milliseconds(20))
            }
            #expect(try fixture.cluster().conditions.map(\.type) == ["ChangeFailed"])

            _ = try await fixture.broker.retryOperation(operation.id.rawValue, for: BrokerFixture.member)
            #expect(try await fixture.end(of: operation.id).state == .succeeded)
            #expect(try fixture.counts() == ["leader": 1, "follower": 5])
            try await fixture.expectWhole()
            #expect(try fixture.cluster().conditions.isEmpty)
        }
    }

    @Test("can be followed by another one, which begins from what is there")
    func another() async throws {
        try await BrokerFixture.with { fixture in
            _ = try await fixture.made()
            fixture.plugins.fail(.join, with: [Self.refusal])
            let operation = try #require(try await fixture.change(["followers": 5]).operation)
            _ = try await fixture.end(of: operation.id)
            // Those that never joined go first, and nobody else.
            let back = try await fixture.changed(["followers": 2])
            #expect(back.nodes.map(\.ordinal).sorted() == [0, 0, 1] && back.parameters["followers"] == 2)
            try await fixture.expectWhole()

            fixture.plugins.fail(.leave, with: [Self.refusal])
            let shrink = try #require(try await fixture.change(["followers": 1]).operation)
            #expect(try await fixture.end(of: shrink.id).state == .failed)
            #expect(try fixture.cluster().nodes.count { $0.state == .leaving } == 1)
            // The same again is not nothing: one node is still to go.
            _ = try await fixture.changed(["followers": 1])
            try await fixture.expectWhole()
        }
    }

    @Test("is taken back by its undo steps: the record as it was, and the new nodes gone")
    func undone() async throws {
        try await BrokerFixture.with { fixture in
            let before = try await fixture.made()
            fixture.plugins.fail(.join, with: [Self.refusal])
            let operation = try #require(try await fixture.change(["followers": 4, "leaders": 3]).operation)
            let failed = try await fixture.end(of: operation.id)
            let entry = try #require(fixture.broker.ledger.snapshot.cluster(before.id))
            var undoing = OperationMachine.retried(failed)
            undoing.steps.removeAll { $0.state == .pending }
            undoing.steps += try #require(OperationMachine.undo(of: .resize))
            var cluster = entry.value
            cluster.phase = .updating
            try await fixture.broker.ledger.transact { snapshot, draft throws(Problem) in
                guard let entry = snapshot.cluster(before.id) else { return }
                try draft.replace(entry, with: cluster, at: cluster.key)
                try draft.put(undoing, at: Keys.operation(undoing.id))
            }
            fixture.broker.runner.wake()
            #expect(try await fixture.end(of: operation.id).state == .succeeded)
            let after = try fixture.cluster()
            #expect(after.parameters == before.parameters && after.groups == before.groups)
            #expect(Set(after.nodes.map(\.id)) == Set(before.nodes.map(\.id)))
            try await fixture.expectWhole()
        }
    }

    /// Every point of every step of a change that does all that a resize can do.
    static let points = OperationMachine.steps(of: .resize).flatMap { step in
        BrokerOptions.faultPoints.map { "resize.\(step.name).\($0)" }
    }

    @Test("because the broker dies, at any point, is ended by the next one", arguments: points)
    func crashAnywhere(point: String) async throws {
        let (store, driver, plugins) = (MemoryStore(), SimulatedDriver(), FakePluginRuntime())
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
            _ = try await fixture.made("web", ["leaders": 3, "followers": 1])
            operation = try await fixture.change(["leaders": 1, "followers": 3, "note": "one"]).operation
            for await _ in reached { break }
        }
        try await BrokerFixture.with(store: store, driver: driver, plugins: plugins) { fixture in
            let ended = try await fixture.end(of: #require(operation).id)
            #expect(ended.state == .succeeded, "\(String(describing: ended.problem))")
            #expect(ended.steps.map(\.name) == OperationMachine.steps(of: .resize).map(\.name))
            #expect(try fixture.counts() == ["leader": 1, "follower": 3])
            try await fixture.expectWhole()
            _ = try await fixture.end(of: fixture.delete("web").operation.id)
            #expect(try await driver.list().isEmpty)
            #expect(try await store.list(prefix: "plans/").records.isEmpty)
            #expect(try fixture.broker.quota(ofTenant: "acme", for: BrokerFixture.admin).used.isEmpty)
        }
    }
}
