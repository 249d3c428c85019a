// SPDX-License-Identifier: Apache-2.0

import ImpresarioBroker
import ImpresarioInfrastructure
import ImpresarioModel
import Testing

@testable import ImpresarioBroker

@Suite("A broker that dies while it mends")
struct MendingCrashTests {
    static let points: [String] = [ImpresarioModel.Operation.Kind.repair, .replace].flatMap { kind in
        OperationMachine.steps(of: kind).flatMap { step in BrokerOptions.faultPoints.map { "\(kind.rawValue).\(step.name).\($0)" } }
    }

    @Test(
        "at any point leaves a store from which the next one ends it: names and number as planned, nothing twice, nothing left",
        arguments: points)
    func crashAnywhere(point: String) async throws {
        let machines = Machines()
        let (reached, reacher) = AsyncStream.makeStream(of: Void.self)
        try await machines.run(
            faults: { here in
                guard here == point else { return }
                reacher.yield()
                try? await Task.sleep(for: .seconds(3600))
            }, limits: ["node": 4]
        ) { fixture in
            let cluster = try await fixture.ready("web", ["followers": 3])
            if point.hasPrefix("repair") {
                // One on a host that is gone, so that there is a tombstone to forget.
                let node = try #require(cluster.nodes.first { $0.host == "two" })
                machines.drivers["two"]?.isReachable = false
                try await fixture.until("lost", cluster: "web") { cluster in
                    cluster.phase == .updating || cluster.nodes.contains { $0.id == node.id && $0.state == .lost }
                }
            } else {
                _ = try await fixture.broker.changeHost("two", HostUpdate(state: .draining), expecting: nil, for: BrokerFixture.admin)
            }
            for await _ in reached { break }
        }
        try await machines.run { fixture in
            if point.hasPrefix("repair") {
                try await fixture.until("repaired", cluster: "web") { cluster in
                    cluster.phase == .ready && cluster.health == .healthy && cluster.nodes.allSatisfy { $0.host == "local" }
                }
                machines.drivers["two"]?.isReachable = true
                try await fixture.until("nothing is left on the lost host") {
                    try await fixture.tombstones().isEmpty && machines.drivers["two"]?.nodes.isEmpty == true
                }
            } else {
                try await fixture.until("drained") { try fixture.host("two").state == .cordoned }
                try await fixture.until("ready", cluster: "web") { $0.phase == .ready && $0.health == .healthy }
            }
            try fixture.expectSettled(machines, "web")
            let cluster = try fixture.cluster("web")
            #expect(cluster.nodes.count == 4 && Set(cluster.nodes.map(\.name)).count == 4)
            #expect(try fixture.broker.quota(ofTenant: "acme", for: BrokerFixture.admin).used["node"] == 4)
        }
    }
}
