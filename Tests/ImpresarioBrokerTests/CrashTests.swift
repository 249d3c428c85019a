// SPDX-License-Identifier: Apache-2.0

import ImpresarioBroker
import ImpresarioInfrastructure
import ImpresarioModel
import ImpresarioStore
import Testing

@testable import ImpresarioBroker

@Suite("A broker that dies")
struct CrashTests {
    /// Every point of every step of create and delete.
    static let points: [String] = [ImpresarioModel.Operation.Kind.create, .delete].flatMap { kind in
        OperationMachine.steps(of: kind).flatMap { step in BrokerOptions.faultPoints.map { "\(kind.rawValue).\(step.name).\($0)" } }
    }

    @Test("at any point leaves a store from which the next one ends the operation, with exactly the planned nodes", arguments: points)
    func crashAnywhere(point: String) async throws {
        let store = MemoryStore()
        let driver = SimulatedDriver()
        let plugins = FakePluginRuntime()
        let (reached, reacher) = AsyncStream.makeStream(of: Void.self)
        var operation: ImpresarioModel.Operation?
        var cluster: Cluster?

        // The first broker stands still at the point, and is taken away there: nothing it would do next happens.
        try await BrokerFixture.with(
            store: store, driver: driver, plugins: plugins,
            faults: { here in
                guard here == point else { return }
                reacher.yield()
                try? await Task.sleep(for: .seconds(3600))
            }
        ) { fixture in
            let created = try await fixture.create("web")
            (operation, cluster) = (created.operation, created.cluster)
            if point.hasPrefix("delete") {
                _ = try await fixture.end(of: created.operation.id)
                operation = try await fixture.delete("web").operation
            }
            for await _ in reached { break }
        }

        try await BrokerFixture.with(store: store, driver: driver, plugins: plugins) { fixture in
            let id = try #require(operation).id
            let ended = try await fixture.end(of: id)
            #expect(ended.state == .succeeded, "\(String(describing: ended.problem))")
            let planned = Set(try #require(cluster).nodes.map(\.id))
            let existing = Set(try await driver.list().map(\.id))
            let use = try fixture.broker.quota(ofTenant: "acme", for: BrokerFixture.admin).used
            if point.hasPrefix("create") {
                #expect(existing == planned)
                #expect(use["node"] == 3)
                #expect(try fixture.broker.cluster(fixture.path("web"), for: BrokerFixture.admin).value.phase == .ready)
                _ = try await fixture.end(of: fixture.delete("web").operation.id)
            } else {
                #expect(existing.isEmpty)
                #expect(use.isEmpty)
            }
            #expect(try await store.list(prefix: "state/").records.isEmpty)
            #expect(try await store.list(prefix: "secrets/").records.isEmpty)
        }
    }
}
