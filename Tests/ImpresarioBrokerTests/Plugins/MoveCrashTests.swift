// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioBroker
import ImpresarioInfrastructure
import ImpresarioModel
import ImpresarioStore
import Testing

@testable import ImpresarioBroker

@Suite("A broker that dies while a cluster changes its version")
struct MoveCrashTests {
    /// Every point of every step, of the way there, of the way back, and of taking back what failed.
    static let points: [String] =
        [ImpresarioModel.Operation.Kind.move, .rollback].flatMap { kind in
            OperationMachine.steps(of: kind).flatMap { step in BrokerOptions.faultPoints.map { "\(kind.rawValue).\(step.name).\($0)" } }
        } + BrokerOptions.faultPoints.map { "move.restore.\($0)" }

    @Test("leaves a store from which the next one ends it, with the state that belongs to the version", arguments: points)
    func crashAnywhere(point: String) async throws {
        let (store, driver, plugins, secrets) = (MemoryStore(), SimulatedDriver(), FakePluginRuntime(), SecretBox())
        let folder = FileManager.default.temporaryDirectory.appending(path: "impresario-library-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let (reached, reacher) = AsyncStream.makeStream(of: Void.self)
        let fails = point.hasPrefix("move.restore")
        var operation: ID<ImpresarioModel.Operation>?
        var before: [String: Data] = [:]

        try await BrokerFixture.with(
            store: store, driver: driver, plugins: plugins,
            faults: { here in
                guard here == point else { return }
                reacher.yield()
                try? await Task.sleep(for: .seconds(3600))
            }, library: folder, secrets: secrets
        ) { fixture in
            _ = try await fixture.ready("web")
            _ = try await fixture.issue("web")
            before = try await fixture.kept()
            try await fixture.upgrade(to: FakePluginRuntime.library("2.0.0", stateFormat: 2))
            if fails { plugins.fail(.configure, with: [Problem(.pluginFailed, "Never.")]) }
            if point.hasPrefix("rollback") {
                #expect(try await fixture.move("web").state == .succeeded)
                operation = try await fixture.rollBack("web").operation
            } else {
                operation = try await fixture.broker.movePins(ofPlugin: "sample", MovePins(all: true), for: BrokerFixture.admin).moves[0]
                    .operation
            }
            for await _ in reached { break }
        }

        try await BrokerFixture.with(store: store, driver: driver, plugins: plugins, library: folder, secrets: secrets) { fixture in
            let ended = try await fixture.end(of: try #require(operation))
            #expect(ended.state == (fails ? .failed : .succeeded), "\(String(describing: ended.problem))")
            let cluster = try fixture.cluster("web")
            #expect(cluster.phase == .ready && cluster.operation == operation)
            let after = try await fixture.kept()
            if point.hasPrefix("rollback") || fails {
                #expect(cluster.plugin.version == "1.0.0")
                #expect(after == before)
                #expect(try await store.list(prefix: "copies/").records.isEmpty)
            } else {
                #expect(cluster.plugin.version == "2.0.0")
                #expect(after.count == before.count + 1)
                let back = try await fixture.rollBack("web")
                _ = try await fixture.end(of: try #require(back.operation, "\(back)"))
                #expect(try await fixture.kept() == before)
            }
            try await fixture.until("the cluster is healthy") { try fixture.cluster("web").health == .healthy }
            #expect(try await fixture.end(of: fixture.delete("web").operation.id).state == .succeeded)
            #expect(try await driver.list().isEmpty)
            for prefix in ["state/", "secrets/", "plans/", "moves/", "copies/"] {
                #expect(try await store.list(prefix: prefix).records.isEmpty, "\(prefix)")
            }
        }
    }
}
