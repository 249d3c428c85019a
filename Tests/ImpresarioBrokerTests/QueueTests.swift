// SPDX-License-Identifier: Apache-2.0

import ImpresarioBroker
import ImpresarioInfrastructure
import ImpresarioModel
import ImpresarioStore
import Testing

@testable import ImpresarioBroker

@Suite("A cluster that waits for room")
struct QueueTests {
    /// Room for nine nodes of `small`, by memory.
    private static var machine: SimulatedDriver { SimulatedDriver(capacity: ["cpu": 16_000, "memory": 9 * (512 << 20), "disk": 1 << 40]) }

    private func order(_ name: String, followers: Int64, queue: Bool = true, _ fixture: BrokerFixture) async throws -> Accepted {
        try await fixture.broker.createCluster(
            NewCluster(name: name, type: "sample", parameters: ["followers": .integer(followers)], queue: queue), in: "shop", of: "acme",
            for: BrokerFixture.member)
    }

    @Test("is promised and counted nothing, tells its place and why, and is made when there is room")
    func wait() async throws {
        try await BrokerFixture.with(driver: Self.machine) { fixture in
            _ = try await fixture.end(of: order("one", followers: 5, fixture).operation.id)
            let used = try fixture.broker.quota(ofTenant: "acme", for: BrokerFixture.admin).used
            let waiting = try await order("two", followers: 5, fixture)
            #expect(waiting.cluster.phase == .queued && waiting.operation.state == .queued && waiting.cluster.nodes.isEmpty)
            #expect(waiting.cluster.queue?.position == 1)
            #expect(waiting.cluster.queue?.reason.contains("short of memory") == true)
            #expect(try fixture.broker.quota(ofTenant: "acme", for: BrokerFixture.admin).used == used)
            let third = try await order("three", followers: 6, fixture)
            #expect(third.cluster.queue?.position == 2)

            _ = try await fixture.end(of: fixture.delete("one").operation.id)
            #expect(try await fixture.end(of: waiting.operation.id).state == .succeeded)
            let made = try fixture.cluster("two")
            #expect(made.id == waiting.cluster.id && made.phase == .ready && made.queue == nil)
            #expect(try fixture.cluster("three").phase == .queued)
        }
    }

    @Test("leaves the line by delete or cancel, and nothing of it is left")
    func leave() async throws {
        try await BrokerFixture.with(driver: Self.machine) { fixture in
            _ = try await fixture.end(of: order("one", followers: 5, fixture).operation.id)
            _ = try await order("two", followers: 5, fixture)
            let used = try fixture.broker.quota(ofTenant: "acme", for: BrokerFixture.admin).used
            let leaving = try await fixture.delete("two")
            #expect(try fixture.broker.quota(ofTenant: "acme", for: BrokerFixture.admin).used == used)
            #expect(try await fixture.end(of: leaving.operation.id).state == .succeeded)
            let three = try await order("three", followers: 5, fixture)
            let cancelled = try await fixture.broker.cancelOperation(
                three.operation.id.rawValue, CancelOperation(then: .keep), for: BrokerFixture.member)
            #expect(try await fixture.end(of: cancelled.operation.id).state == .succeeded)
            #expect(throws: Problem.self) { try fixture.cluster("three") }
            #expect(try await fixture.driver.list().count == 6)
        }
    }

    @Test("is not passed by more often than bounded, then the room is kept for it")
    func starvation() async throws {
        try await BrokerFixture.with(driver: Self.machine) { fixture in
            _ = try await fixture.end(of: order("one", followers: 5, fixture).operation.id)
            let waiting = try await order("big", followers: 7, fixture)
            for index in 0..<QueueGate.bound {
                let small = try await order("small\(index)", followers: 0, queue: false, fixture)
                _ = try await fixture.end(of: small.operation.id)
                _ = try await fixture.end(of: fixture.delete("small\(index)").operation.id)
            }
            let refused = await #expect(throws: Problem.self) { try await order("late", followers: 0, queue: false, fixture) }
            #expect(refused?.message == "The room that there is is kept for clusters that have waited for it.")
            _ = try await fixture.end(of: fixture.delete("one").operation.id)
            #expect(try await fixture.end(of: waiting.operation.id).state == .succeeded)
            _ = try await order("late", followers: 0, queue: false, fixture)
        }
    }

    @Test("is refused at once when it would not fit on empty hosts or is over a limit; then waiting would not help")
    func hopeless() async throws {
        try await BrokerFixture.with(driver: Self.machine, limits: ["node": 12]) { fixture in
            let tooBig = await #expect(throws: Problem.self) { try await order("big", followers: 9, fixture) }
            #expect(tooBig?.code == "no-capacity")
            _ = try await fixture.end(of: order("one", followers: 5, fixture).operation.id)
            let tooMany = await #expect(throws: Problem.self) { try await order("two", followers: 6, fixture) }
            #expect(tooMany?.code == "quota-exceeded")
        }
    }

    @Test("whose own limits keep it out by now stands in nobody's way, and goes on when they do not")
    func limited() async throws {
        try await BrokerFixture.with(driver: Self.machine) { fixture in
            _ = try await fixture.end(of: order("one", followers: 5, fixture).operation.id)
            let waiting = try await order("two", followers: 4, fixture)
            _ = try await fixture.broker.setQuota(ofTenant: "acme", to: ["node": 7], expecting: nil, for: BrokerFixture.admin)
            _ = try await fixture.end(of: fixture.delete("one").operation.id)
            #expect(try await fixture.end(of: waiting.operation.id).state == .succeeded)
        }
    }
}
