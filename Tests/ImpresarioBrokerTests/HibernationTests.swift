// SPDX-License-Identifier: Apache-2.0

import ImpresarioBroker
import ImpresarioInfrastructure
import ImpresarioModel
import ImpresarioStore
import Testing

@Suite("A cluster that sleeps")
struct HibernationTests {
    @Test("has stopped nodes with their disks and addresses, gives back cpu and memory, and wakes where it was")
    func sleepAndWake() async throws {
        try await BrokerFixture.with { fixture in
            let made = try await fixture.end(of: fixture.create("web").operation.id)
            #expect(made.state == .succeeded)
            let before = try fixture.cluster("web")
            let slept = try await fixture.end(
                of: fixture.broker.hibernateCluster(fixture.path("web"), for: BrokerFixture.member).operation.id)
            #expect(slept.state == .succeeded, "\(String(describing: slept.problem))")
            let asleep = try fixture.cluster("web")
            #expect(asleep.phase == .hibernated)
            #expect(asleep.nodes.allSatisfy { $0.state == .stopped })
            #expect(try await fixture.driver.list().allSatisfy { $0.state == .stopped })
            let used = try fixture.broker.quota(ofTenant: "acme", for: BrokerFixture.member).used
            let kept: ResourceVector = ["cluster": 1, "cluster.sample": 1, "node": 3, "disk": 3 * (4 << 30)]
            #expect(used == kept)

            let woken = try await fixture.end(of: fixture.broker.wakeCluster(fixture.path("web"), for: BrokerFixture.member).operation.id)
            #expect(woken.state == .succeeded, "\(String(describing: woken.problem))")
            let after = try fixture.cluster("web")
            #expect(after.phase == .ready && after.health == .healthy)
            #expect(after.nodes == before.nodes)
            #expect(try await fixture.driver.list().allSatisfy { $0.state == .running })
            #expect(try fixture.broker.quota(ofTenant: "acme", for: BrokerFixture.member).used == before.use())
        }
    }

    @Test("is woken only when there is quota for it, and keeps sleeping when there is none")
    func wakeIsAdmission() async throws {
        try await BrokerFixture.with(limits: ["cpu": 2000]) { fixture in
            _ = try await fixture.end(of: fixture.create("one").operation.id)
            _ = try await fixture.end(of: fixture.broker.hibernateCluster(fixture.path("one"), for: BrokerFixture.member).operation.id)
            _ = try await fixture.end(of: fixture.create("two").operation.id)
            let problem = await #expect(throws: Problem.self) {
                try await fixture.broker.wakeCluster(fixture.path("one"), for: BrokerFixture.member)
            }
            #expect(problem?.code == "quota-exceeded" && problem?.facts?["key"] == "cpu")
            #expect(try fixture.cluster("one").phase == .hibernated)
            _ = try await fixture.end(of: fixture.delete("two").operation.id)
            let woken = try await fixture.end(of: fixture.broker.wakeCluster(fixture.path("one"), for: BrokerFixture.member).operation.id)
            #expect(woken.state == .succeeded)
        }
    }

    @Test("is woken only when its hosts have room, also when they have it elsewhere")
    func wakeNeedsRoom() async throws {
        try await BrokerFixture.with(driver: SimulatedDriver(capacity: ["cpu": 500, "memory": 8 << 30, "disk": 1 << 40])) { fixture in
            _ = try await fixture.end(of: fixture.create("one").operation.id)
            _ = try await fixture.end(of: fixture.broker.hibernateCluster(fixture.path("one"), for: BrokerFixture.member).operation.id)
            _ = try await fixture.end(of: fixture.create("two", ["followers": 1]).operation.id)
            let problem = await #expect(throws: Problem.self) {
                try await fixture.broker.wakeCluster(fixture.path("one"), for: BrokerFixture.member)
            }
            #expect(problem?.code == "no-capacity")
            #expect(problem?.message.hasSuffix("its host has 1 of cpu left and it needs 1500m.") == true, "\(String(describing: problem))")
        }
    }

    @Test("cannot be made to sleep twice, is not woken when awake, and can be deleted")
    func refusals() async throws {
        try await BrokerFixture.with { fixture in
            let path = fixture.path("web")
            let accepted = try await fixture.create("web")
            let busy = await #expect(throws: Problem.self) { try await fixture.broker.hibernateCluster(path, for: BrokerFixture.member) }
            #expect(busy?.code == "conflict")
            _ = try await fixture.end(of: accepted.operation.id)
            let awake = await #expect(throws: Problem.self) { try await fixture.broker.wakeCluster(path, for: BrokerFixture.member) }
            #expect(awake?.code == "not-ready")
            await #expect(throws: Problem.self) { try await fixture.broker.hibernateCluster(path, for: BrokerFixture.stranger) }
            _ = try await fixture.end(of: fixture.broker.hibernateCluster(path, for: BrokerFixture.member).operation.id)
            let asleep = await #expect(throws: Problem.self) { try await fixture.broker.hibernateCluster(path, for: BrokerFixture.member) }
            #expect(asleep?.code == "not-ready")
            #expect(try await fixture.end(of: fixture.delete("web").operation.id).state == .succeeded)
            #expect(try await fixture.driver.list().isEmpty)
        }
    }
}
