// SPDX-License-Identifier: Apache-2.0

import ImpresarioBroker
import ImpresarioModel
import Testing

@Suite("Limits")
struct QuotaTests {
    @Test("of zero allow nothing, at either level")
    func zero() async throws {
        try await BrokerFixture.with(limits: ["cluster.sample": 0]) { fixture in
            let byTenant = await #expect(throws: Problem.self) { try await fixture.create("web") }
            #expect(byTenant?.facts?["limit"] == "0" && byTenant?.facts?["level"] == "tenant")
            _ = try await fixture.broker.setQuota(ofTenant: "acme", to: [:], expecting: nil, for: BrokerFixture.admin)
            _ = try await fixture.broker.setQuota(
                ofProject: "shop", of: "acme", to: ["license.sample": 0, "cluster": 0], expecting: nil, for: BrokerFixture.admin)
            let byProject = await #expect(throws: Problem.self) { try await fixture.create("web") }
            #expect(byProject?.facts?["key"] == "cluster" && byProject?.facts?["level"] == "project")
        }
    }

    @Test("may be set below what is used: that is told, stays, and lets nothing new in until less is used")
    func lowered() async throws {
        try await BrokerFixture.with { fixture in
            for name in ["one", "two"] { _ = try await fixture.end(of: fixture.create(name).operation.id) }
            let lowered = try await fixture.broker.setQuota(ofTenant: "acme", to: ["node": 4], expecting: nil, for: BrokerFixture.admin)
            #expect(lowered.warning == " More is used than the limit allows of node (6 used): nothing new is admitted until less is.")
            #expect(try fixture.broker.cluster(fixture.path("two"), for: BrokerFixture.member).value.phase == .ready)
            let problem = await #expect(throws: Problem.self) { try await fixture.create("three", ["followers": 0]) }
            #expect(problem?.code == "quota-exceeded")
            _ = try await fixture.end(of: fixture.delete("one").operation.id)
            #expect(try fixture.broker.quota(ofTenant: "acme", for: BrokerFixture.admin).warning.isEmpty)
            _ = try await fixture.create("three", ["followers": 0])
        }
    }

    @Test("of projects stay within the tenant's unless an admin lets it overcommit; the tenant's own hold in any case")
    func overcommit() async throws {
        try await BrokerFixture.with(limits: ["node": 4]) { fixture in
            let broker = fixture.broker
            _ = try await broker.setQuota(ofProject: "shop", of: "acme", to: ["node": 3], expecting: nil, for: BrokerFixture.admin)
            func second() async throws {
                _ = try await broker.createProject("lab", of: "acme", limits: ["node": 3], for: BrokerFixture.admin)
            }
            let refused = await #expect(throws: Problem.self) { try await second() }
            #expect(refused?.code == "limits-overcommitted")
            await #expect(throws: Problem.self) {
                try await broker.changeTenant("acme", TenantUpdate(allowsOvercommit: true), expecting: nil, for: BrokerFixture.member)
            }
            _ = try await broker.changeTenant("acme", TenantUpdate(allowsOvercommit: true), expecting: nil, for: BrokerFixture.admin)
            try await second()
            _ = try await fixture.create("web")
            let problem = await #expect(throws: Problem.self) {
                try await broker.createCluster(NewCluster(name: "web", type: "sample"), in: "lab", of: "acme", for: BrokerFixture.admin)
            }
            #expect(problem?.facts?["level"] == "tenant")
        }
    }

    @Test("A tenant can be bound to zones and freed again; a zone that is not there is refused")
    func zones() async throws {
        try await BrokerFixture.with { fixture in
            func set(_ zones: [String]) async throws -> Tenant {
                try await fixture.broker.changeTenant("acme", TenantUpdate(zones: zones), expecting: nil, for: BrokerFixture.admin)
            }
            let unknown = await #expect(throws: Problem.self) { _ = try await set(["local", "moon"]) }
            #expect(unknown?.field == "/zones/1")
            #expect(try await set([]).zones == [])
            let problem = await #expect(throws: Problem.self) { try await fixture.create("web") }
            #expect(problem?.code == "no-capacity")
            #expect(try await set(["*"]).zones == nil)
            _ = try await fixture.create("web")
        }
    }

    @Test("A dry run tells what the nodes cost at the prices of their flavors")
    func cost() async throws {
        try await BrokerFixture.with { fixture in
            let price = try #require(Price("0.02"))
            _ = try await fixture.broker.createFlavor(
                "priced", resources: ["cpu": 500, "memory": 512 << 20, "disk": 1 << 30], hourlyPrice: price, for: BrokerFixture.admin)
            func dryRun(_ flavor: JSONValue) async throws -> DryRun {
                try await fixture.broker.previewCluster(
                    NewCluster(name: "web", type: "sample", parameters: ["flavor": flavor]), in: "shop", of: "acme",
                    for: BrokerFixture.member)
            }
            #expect(try await dryRun("priced").cost?.hourly == Price("0.06"))
            #expect(try await dryRun("small").cost == nil)
        }
    }
}
