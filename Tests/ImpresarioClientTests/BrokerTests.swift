// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel
import ServerFixture
import Testing

@testable import ImpresarioClient

@Suite("A client of a broker", .timeLimit(.minutes(2)))
struct BrokerTests {
    @Test("makes a cluster, follows it, uses it and gives it back")
    func life() async throws {
        try await ServerFixture.with { fixture in
            try await fixture.client { client in
                let scope = ServerFixture.acme
                let wish = NewCluster(name: "web", type: "toy", parameters: ["nodes": 3], labels: ["team": "shop"])
                let preview = try await client.dryRunCluster(wish, in: scope)
                #expect(preview.quota.map(\.level) == ["tenant", "project"])
                #expect(preview.quota.first?.asked["node"] == 3)

                let accepted = try await client.createCluster(wish, in: scope)
                var states: [Operation.State] = []
                for try await update in client.updates(of: accepted.operation.id) { states.append(update.state) }
                #expect(states.last == .succeeded)
                #expect(states.dropLast().allSatisfy { $0 == .running })

                let cluster = try await client.cluster("web", in: scope)
                #expect(cluster.phase == .ready && cluster.nodes.count == 3 && cluster.labels == ["team": "shop"])
                #expect(try await client.clusters(in: scope).all() == [cluster])
                #expect(try await client.quota(ofProject: scope).used["node"] == 3)
                #expect(try await client.events(ofCluster: "web", in: scope).all().contains { $0.type == "cluster.admitted" })

                let credentials = try await client.issueCredentials(toCluster: "web", in: scope)
                #expect(credentials.files["key.pem"] == "private")
                #expect(try await client.bindings(ofCluster: "web", in: scope).all().map(\.id) == [credentials.binding])
                #expect(try await client.revoke(credentials.binding, ofCluster: "web", in: scope).revokedAt != nil)
                let answer = try await client.perform("rotate-key", arguments: ["role": "a"], onCluster: "web", in: scope)
                #expect(answer == ["key": "secret-of-a", "serial": 7])

                let deleted = try await client.deleteCluster("web", in: scope)
                #expect(try await client.wait(for: deleted.operation.id).state == .succeeded)
                let gone = await #expect(throws: Problem.self) { try await client.cluster("web", in: scope) }
                #expect(gone?.is(.notFound) == true)
                #expect(try await client.quota(ofProject: scope).used.isEmpty)
            }
        }
    }

    @Test("administers tenants, projects, limits, flavors, tokens and plugins")
    func administration() async throws {
        try await ServerFixture.with { fixture in
            try await fixture.client(fixture.adminToken) { client in
                #expect(try await client.whoami().role == .admin)
                _ = try await client.createTenant(NewTenant(name: "lab", limits: ["cluster": 2]))
                _ = try await client.createProject(NewProject(name: "one"), inTenant: "lab")
                #expect(try await client.setQuota(["cluster": 1], ofProject: Scope(tenant: "lab", project: "one")).limits == ["cluster": 1])
                #expect(try await client.setQuota(["cluster": 3, "cpu": 4000], ofTenant: "lab").limits == ["cluster": 3, "cpu": 4000])
                #expect(try await client.projects(ofTenant: "lab").all().map(\.name) == ["one"])
                try await client.deleteProject(Scope(tenant: "lab", project: "one"))
                try await client.deleteTenant("lab")

                let flavor = try await client.createFlavor(
                    NewFlavor(name: "micro", resources: ["cpu": 100, "memory": 128 << 20, "disk": 1 << 30]))
                #expect(try await client.flavors().all().contains(flavor))
                try await client.deleteFlavor("micro")

                let issued = try await client.createToken(NewToken(name: "carol", role: .viewer, tenant: "acme", ttl: TimeToLive("1h")))
                let carol = try await fixture.client(issued.secret) { try await $0.whoami() }
                #expect(carol.name == "carol")
                try await client.deleteToken("carol", ofTenant: "acme")
                let refused = await #expect(throws: Problem.self) { try await fixture.client(issued.secret) { try await $0.whoami() } }
                #expect(refused?.is(.unauthenticated) == true)

                #expect(try await client.zones().all().map(\.name) == ["local"])
                let host = try #require(try await client.hosts().all().first)
                #expect(try await client.updateHost(host.name, HostUpdate(state: .cordoned)).state == .cordoned)
                #expect(try await client.types().all().map(\.type.id) == ["toy"])
                #expect(try await client.disablePlugin("toy").state == .disabled)
                #expect(try await client.type("toy").enabled == false)
            }
        }
    }

    @Test("fetches a list page by page")
    func pages() async throws {
        try await ServerFixture.with { fixture in
            try await fixture.client(fixture.adminToken) { client in
                for index in 0..<7 { _ = try await client.createTenant(NewTenant(name: "t\(index)")) }
                var names: [String] = []
                let pages = Pages<Tenant>(client.transport, APIRequest(.get, "v1", "tenants"), pageSize: 2)
                for try await tenant in pages { names.append(tenant.name) }
                #expect(names == ["acme", "evil", "t0", "t1", "t2", "t3", "t4", "t5", "t6"])
            }
        }
    }
}
