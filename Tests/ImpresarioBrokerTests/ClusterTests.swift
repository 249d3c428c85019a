// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import ImpresarioBroker
import ImpresarioInfrastructure
import ImpresarioModel
import ImpresarioStore
import Testing

@Suite("A cluster")
struct ClusterTests {
    @Test("is made by one call, is counted, and leaves nothing when it is deleted")
    func life() async throws {
        try await BrokerFixture.with { fixture in
            let accepted = try await fixture.create("web", ["leaders": 3, "followers": 4])
            #expect(accepted.cluster.phase == .provisioning)
            #expect(accepted.cluster.nodes.count == 7)
            #expect(Set(accepted.cluster.nodes.map(\.address)).count == 7)
            let created = try await fixture.end(of: accepted.operation.id)
            #expect(created.state == .succeeded, "\(String(describing: created.problem))")

            let cluster = try fixture.broker.cluster(fixture.path("web"), for: BrokerFixture.member).value
            #expect(cluster.phase == .ready)
            #expect(cluster.health == .healthy)
            #expect(cluster.nodes.allSatisfy { $0.state == .joined })
            #expect(cluster.endpoints.first?.addresses.count == 3)
            #expect(try await Set(fixture.driver.list().map(\.id)) == Set(cluster.nodes.map(\.id)))
            let quota = try fixture.broker.quota(ofTenant: "acme", for: BrokerFixture.member)
            let expected: ResourceVector = [
                "cluster": 1, "cluster.sample": 1, "node": 7, "cpu": 3500, "memory": 7 * (512 << 20), "disk": 7 * (4 << 30),
            ]
            #expect(quota.used == expected)

            let deleted = try await fixture.end(of: fixture.delete("web").operation.id)
            #expect(deleted.state == .succeeded)
            #expect(throws: Problem.self) { try fixture.broker.cluster(fixture.path("web"), for: BrokerFixture.member) }
            #expect(try fixture.broker.quota(ofTenant: "acme", for: BrokerFixture.member).used.isEmpty)
            #expect(try await fixture.driver.list().isEmpty)
        }
    }

    @Test("that exceeds a limit is refused with level, key, limit, used and asked, and nothing is left")
    func quota() async throws {
        try await BrokerFixture.with(limits: ["node": 5]) { fixture in
            _ = try await fixture.end(of: fixture.create("one").operation.id)
            let before = try await fixture.store.list(prefix: "").records.map(\.key)
            let problem = await #expect(throws: Problem.self) { try await fixture.create("two") }
            #expect(problem?.code == "quota-exceeded")
            #expect(problem?.facts == ["level": "tenant", "name": "acme", "key": "node", "limit": "5", "used": "3", "asked": "3"])
            #expect(try await fixture.store.list(prefix: "").records.map(\.key) == before)
        }
    }

    @Test("raced for by many takes exactly the quota there is")
    func race() async throws {
        try await BrokerFixture.with(limits: ["cluster": 5]) { fixture in
            let won = await withTaskGroup(of: Bool.self) { group in
                for index in 0..<32 {
                    group.addTask {
                        do {
                            _ = try await fixture.create("c\(index)", ["followers": 0])
                            return true
                        } catch { return false }
                    }
                }
                return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(won == 5)
            let quota = try fixture.broker.quota(ofTenant: "acme", for: BrokerFixture.admin)
            #expect(quota.used["cluster"] == 5)
        }
    }

    struct Bad: Sendable {
        var what: String
        var request: NewCluster
        var code: String
        var field: String?
    }

    static let bad: [Bad] = [
        Bad(what: "unknown type", request: NewCluster(name: "a", type: "nope"), code: "unknown-type", field: "/type"),
        Bad(what: "bad name", request: NewCluster(name: "A_b", type: "sample"), code: "invalid-name", field: "/name"),
        Bad(
            what: "unknown parameter", request: NewCluster(name: "a", type: "sample", parameters: ["leader": 1]),
            code: "invalid-parameters",
            field: "/parameters/leader"),
        Bad(
            what: "too many", request: NewCluster(name: "a", type: "sample", parameters: ["leaders": 6]), code: "invalid-parameters",
            field: "/parameters/leaders"),
        Bad(
            what: "wrong kind", request: NewCluster(name: "a", type: "sample", parameters: ["followers": "two"]),
            code: "invalid-parameters",
            field: "/parameters/followers"),
        Bad(
            what: "unknown flavor", request: NewCluster(name: "a", type: "sample", parameters: ["flavor": "giant"]), code: "unknown-flavor",
            field: nil),
        Bad(
            what: "no capacity", request: NewCluster(name: "a", type: "sample", parameters: ["flavor": "large", "followers": 100]),
            code: "no-capacity", field: nil),
    ]

    @Test("asked for wrongly is refused with code and pointer, and nothing is left", arguments: bad)
    func badRequests(bad: Bad) async throws {
        try await BrokerFixture.with { fixture in
            let before = try await fixture.store.list(prefix: "").records
            let problem = await #expect(throws: Problem.self, "\(bad.what)") {
                try await fixture.broker.createCluster(bad.request, in: "shop", of: "acme", for: BrokerFixture.member)
            }
            #expect(problem?.code == bad.code)
            #expect(problem?.field == bad.field)
            #expect(try await fixture.store.list(prefix: "").records == before)
            #expect(try await fixture.driver.list().isEmpty)
        }
    }

    @Test("of a type whose plugin is disabled is refused, while those that exist can be deleted")
    func disabled() async throws {
        try await BrokerFixture.with { fixture in
            _ = try await fixture.end(of: fixture.create("old").operation.id)
            _ = try await fixture.broker.disablePlugin("sample", PluginVersion(), for: BrokerFixture.admin)
            let problem = await #expect(throws: Problem.self) { try await fixture.create("new") }
            #expect(problem?.code == "plugin-disabled")
            #expect(try await fixture.end(of: fixture.delete("old").operation.id).state == .succeeded)
        }
    }

    @Test("of another tenant does not exist")
    func isolation() async throws {
        try await BrokerFixture.with { fixture in
            _ = try await fixture.broker.createTenant("evil", limits: [:], zones: nil, for: BrokerFixture.admin)
            let accepted = try await fixture.create("web")
            _ = try await fixture.end(of: accepted.operation.id)
            let eve = BrokerFixture.stranger
            let path = fixture.path("web")
            func expectNotFound(_ body: () async throws -> Void) async {
                let problem = await #expect(throws: Problem.self) { try await body() }
                #expect(problem?.code == "not-found")
            }
            await expectNotFound { _ = try fixture.broker.tenant("acme", for: eve) }
            await expectNotFound { _ = try fixture.broker.cluster(path, for: eve) }
            await expectNotFound { _ = try fixture.broker.operation(accepted.operation.id.rawValue, for: eve) }
            await expectNotFound { _ = try await fixture.broker.deleteCluster(path, expecting: nil, for: eve) }
            await expectNotFound { _ = try await fixture.broker.issueCredentials(of: path, CredentialsRequest(), for: eve) }
            await expectNotFound { _ = try await fixture.broker.perform("greet", on: path, arguments: [:], for: eve) }
            await expectNotFound { _ = try await fixture.broker.events(of: path, for: eve, page: PageRequest()) }
            #expect(try fixture.broker.operations(of: nil, for: eve, page: PageRequest()).items.isEmpty)
        }
    }

    @Test("is made once when the same request is sent again, and another request with its key is refused")
    func idempotency() async throws {
        try await BrokerFixture.with { fixture in
            let key = IdempotencyKey(key: "k-1", request: Data("a".utf8))
            let first = try await fixture.create("web", key: key)
            let second = try await fixture.create("web", key: key)
            #expect(first == second)
            let problem = await #expect(throws: Problem.self) {
                try await fixture.create("other", key: IdempotencyKey(key: "k-1", request: Data("b".utf8)))
            }
            #expect(problem?.code == "idempotency-mismatch")
        }
    }

    @Test("deleted twice answers the deletion that runs; deleted while it is being made, it goes")
    func deleteTwice() async throws {
        try await BrokerFixture.with { fixture in
            fixture.plugins.fail(.bootstrap, with: Array(repeating: Problem(.nodeUnreachable, "Not yet."), count: 50))
            let created = try await fixture.create("web")
            let first = try await fixture.delete("web")
            let second = try await fixture.delete("web")
            #expect(first.operation.id == second.operation.id)
            #expect(try await fixture.end(of: first.operation.id).state == .succeeded)
            #expect(try await fixture.end(of: created.operation.id).state == .cancelled)
            #expect(try await fixture.driver.list().isEmpty)
        }
    }

    @Test("whose plugin stumbles is retried; whose plugin refuses has failed with the plugin's words, and can be deleted")
    func failures() async throws {
        try await BrokerFixture.with { fixture in
            fixture.plugins.fail(.bootstrap, with: [Problem(.pluginCrashed, "The guest died.")])
            let created = try await fixture.end(of: fixture.create("web").operation.id)
            #expect(created.state == .succeeded)
            #expect(created.steps.first { $0.name == "bootstrap" }?.attempts == 2)
            #expect(fixture.plugins.calls.contains(.init(verb: "bootstrap", attempt: 2, version: "1.0.0")))

            fixture.plugins.fail(.join, with: [Problem(.pluginFailed, "The engine said no.")])
            let failed = try await fixture.end(of: fixture.create("bad").operation.id)
            #expect(failed.state == .failed)
            #expect(failed.problem?.cause?.first?.message == "The engine said no.")
            #expect(try fixture.broker.cluster(fixture.path("bad"), for: BrokerFixture.member).value.phase == .failed)
            #expect(try await fixture.end(of: fixture.delete("bad").operation.id).state == .succeeded)
        }
    }

    @Test("can be given credentials and operated when it is ready, and not before")
    func bindings() async throws {
        try await BrokerFixture.with { fixture in
            fixture.plugins.fail(.bootstrap, with: [Problem(.nodeUnreachable, "Not yet.")])
            let created = try await fixture.create("web")
            let early = await #expect(throws: Problem.self) {
                try await fixture.broker.issueCredentials(of: fixture.path("web"), CredentialsRequest(), for: BrokerFixture.member)
            }
            #expect(["conflict", "not-ready"].contains(early?.code))
            _ = try await fixture.end(of: created.operation.id)
            let issued = try await fixture.broker.issueCredentials(of: fixture.path("web"), CredentialsRequest(), for: BrokerFixture.member)
            #expect(issued.files == ["key.txt": "secret"])
            let node = created.cluster.nodes[0]
            let answer = try await fixture.broker.perform(
                "greet", on: fixture.path("web"), arguments: ["node": .string(node.name)], for: BrokerFixture.member)
            #expect(answer["greeted"]?.string == node.id.rawValue)
            let revoked = try await fixture.broker.revokeBinding(
                issued.binding.rawValue, of: fixture.path("web"), for: BrokerFixture.member)
            #expect(revoked.revokedAt != nil)
        }
    }
}
