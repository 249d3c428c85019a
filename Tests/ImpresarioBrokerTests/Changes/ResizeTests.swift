// SPDX-License-Identifier: Apache-2.0

import ImpresarioBroker
import ImpresarioInfrastructure
import ImpresarioModel
import ImpresarioPlugins
import ImpresarioStore
import Testing

@testable import ImpresarioBroker

extension BrokerFixture {
    /// A cluster that is ready.
    func made(_ name: String = "web", _ parameters: JSONValue = [:]) async throws -> Cluster {
        #expect(try await end(of: create(name, parameters).operation.id).state == .succeeded)
        return try cluster(name)
    }

    func cluster() throws -> Cluster { try cluster("web") }

    func change(_ parameters: JSONValue?, labels: [String: String?]? = nil, of name: String = "web") async throws -> ClusterChanged {
        try await broker.changeCluster(path(name), ClusterChange(parameters: parameters, labels: labels), for: Self.member)
    }

    /// Changes and waits for the end.
    func changed(_ parameters: JSONValue, of name: String = "web") async throws -> Cluster {
        let answer = try await change(parameters, of: name)
        let ended = try await end(of: #require(answer.operation).id)
        #expect(ended.state == .succeeded, "\(String(describing: ended.problem))")
        return try cluster(name)
    }

    func refusal(_ parameters: JSONValue?, labels: [String: String?]? = nil, of name: String = "web") async -> Problem? {
        await #expect(throws: Problem.self) { try await change(parameters, labels: labels, of: name) }
    }

    func counts(_ name: String = "web") throws -> [String: Int] {
        try cluster(name).nodes.reduce(into: [:]) { $0[$1.group, default: 0] += 1 }
    }

    /// What holds of every cluster that no operation works on: all of it is a member, on record, in the driver and in quota.
    func expectWhole(_ name: String = "web") async throws {
        let cluster = try cluster(name)
        #expect(cluster.phase == .ready && cluster.health == .healthy, "\(cluster.phase) \(cluster.health)")
        #expect(cluster.nodes.allSatisfy { $0.state == .joined }, "\(cluster.nodes)")
        #expect(try await Set(driver.list().map(\.id)) == Set(cluster.nodes.map(\.id)))
        #expect(try cluster.groups.map(\.count) == cluster.groups.map { group in try counts(name)[group.name] ?? 0 })
        #expect(
            Set(cluster.nodes.map(\.name)).count == cluster.nodes.count && Set(cluster.nodes.map(\.address)).count == cluster.nodes.count)
        #expect(try broker.quota(ofTenant: "acme", for: Self.admin).used["node"] == Int64(cluster.nodes.count))
    }

    func planRecord(_ name: String = "web") async throws -> PlanRecord {
        let stored = try await store.get(Keys.plan(cluster(name).id))
        return try CanonicalJSON.decode(from: #require(stored).value)
    }
}

@Suite("A cluster that is resized")
struct ResizeTests {
    @Test("gets more nodes, then fewer, and keeps those that it had")
    func upAndDown() async throws {
        try await BrokerFixture.with { fixture in
            let before = try await fixture.made("web", ["leaders": 1, "followers": 2])
            let more = try await fixture.changed(["followers": 4])
            #expect(try fixture.counts() == ["leader": 1, "follower": 4])
            #expect(Set(before.nodes.map(\.id)).isSubset(of: more.nodes.map(\.id)))
            #expect(more.parameters["followers"] == 4 && more.parameters["leaders"] == 1)
            try await fixture.expectWhole()
            // The names and addresses of the new ones are known to the old.
            let names = Set(more.nodes.map(\.name))
            #expect(fixture.driver.nodes.values.allSatisfy { Set($0.specification.peers.keys) == names })
            #expect(try await fixture.planRecord().plan.groups.map(\.count) == [1, 4])
            #expect(try await fixture.planRecord().input.parameters["followers"] == 4)

            let less = try await fixture.changed(["followers": 1])
            #expect(less.nodes.map(\.name).sorted() == ["web-follower-0", "web-leader-0"])
            try await fixture.expectWhole()
            let asked = fixture.plugins.arguments(of: .leave)
            #expect(asked.flatMap { $0["nodes"]?.array ?? [] }.count == 3 && asked.allSatisfy { $0["lost"] == false })
            #expect(asked.allSatisfy { $0["drain_deadline"]?.double == 60 && ($0["nodes"]?.array?.count ?? 9) <= 2 })
            #expect(fixture.plugins.arguments(of: .configure).isEmpty)
        }
    }

    @Test("loses a group as a whole and gets it back")
    func wholeGroup() async throws {
        try await BrokerFixture.with { fixture in
            _ = try await fixture.made()
            let without = try await fixture.changed(["followers": 0])
            #expect(without.groups.map(\.name) == ["leader"])
            try await fixture.expectWhole()
            #expect(try await fixture.changed(["followers": 3]).groups.map(\.count) == [1, 3])
            try await fixture.expectWhole()
        }
    }

    @Test("grows in one group and shrinks in another at once, counted as what is there while both are")
    func bothWays() async throws {
        try await BrokerFixture.with(limits: ["node": 6]) { fixture in
            _ = try await fixture.made("web", ["leaders": 3, "followers": 1])
            let refused = await fixture.refusal(["leaders": 1, "followers": 4])
            #expect(refused?.code == "quota-exceeded")
            #expect(refused?.facts == ["level": "tenant", "name": "acme", "key": "node", "limit": "6", "used": "4", "asked": "3"])
            _ = try await fixture.changed(["leaders": 1, "followers": 3])
            #expect(try fixture.counts() == ["leader": 1, "follower": 3])
            try await fixture.expectWhole()
            // Above a limit that was lowered, less can still be asked for.
            _ = try await fixture.broker.setQuota(
                ofTenant: "acme", to: ["node": 1], expecting: nil, for: BrokerFixture.admin)
            _ = try await fixture.changed(["followers": 2])
            try await fixture.expectWhole()
        }
    }

    @Test("lets those go that the plugin misses least, and takes out those that are away by the others")
    func victims() async throws {
        try await BrokerFixture.with { fixture in
            let before = try await fixture.made("web", ["followers": 4])
            let ids = Dictionary(before.nodes.map { ($0.name, $0.id.rawValue) }, uniquingKeysWith: { $1 })
            let (cheap, away) = (ids["web-follower-0"] ?? "", ids["web-follower-1"] ?? "")
            fixture.plugins.tell { context in
                .array(
                    context.nodes.map { node in
                        let cost: JSONValue = node.id == cheap ? 1 : node.id == away ? 2 : 3
                        return [
                            "id": .string(node.id), "state": node.id == away ? "down" : "ready", "removable": true, "removal_cost": cost,
                        ]
                    })
            }
            let after = try await fixture.changed(["followers": 2])
            #expect(after.nodes.map(\.name).sorted() == ["web-follower-2", "web-follower-3", "web-leader-0"])
            let left = fixture.plugins.arguments(of: .leave)
            #expect(left.map { $0["nodes"]?.array } == [[.string(away)], [.string(cheap)]])
            #expect(left.map { $0["lost"]?.bool } == [true, false])
            // Its name is free again.
            #expect(try await fixture.changed(["followers": 3]).nodes.map(\.name).contains("web-follower-0"))
        }
    }

    @Test("is told of other parameters, and of nothing when only counts change")
    func configure() async throws {
        try await BrokerFixture.with { fixture in
            _ = try await fixture.made()
            let answer = try await fixture.change(["note": "one"])
            #expect(answer.operation?.steps.map(\.name) == ["configure", "health", "endpoints"])
            _ = try await fixture.end(of: #require(answer.operation).id)
            let both = try await fixture.change(["note": "two", "followers": 3])
            #expect(both.operation?.steps.map(\.name) == ["provision", "join", "configure", "health", "endpoints"])
            _ = try await fixture.end(of: #require(both.operation).id)
            let told = fixture.plugins.arguments(of: .configure)
            #expect(told.map { $0["old"]?["note"] } == [nil, "one"] && told.map { $0["new"]?["note"] } == ["one", "two"])
            // Back to the default, of which there is none.
            #expect(try await fixture.changed(["note": nil]).parameters["note"] == nil)
            try await fixture.expectWhole()
        }
    }

    @Test("has nothing done for values that it has, and labels take no operation")
    func nothing() async throws {
        try await BrokerFixture.with { fixture in
            let before = try await fixture.made()
            for same: JSONValue in [[:], ["followers": 2], ["followers": nil], ["leaders": 1, "flavor": "small"]] {
                let answer = try await fixture.change(same)
                #expect(answer.operation == nil && answer.cluster == before)
            }
            #expect(fixture.plugins.arguments(of: .configure).isEmpty)
            let labelled = try await fixture.change(nil, labels: ["team": "blue", "tmp": "1"])
            #expect(labelled.operation == nil && labelled.cluster.labels == ["team": "blue", "tmp": "1"])
            #expect(try await fixture.change(nil, labels: ["tmp": nil, "no": nil]).cluster.labels == ["team": "blue"])
            #expect(try fixture.cluster().labels == ["team": "blue"] && fixture.cluster().operation == before.operation)
            #expect(await fixture.refusal(nil, labels: ["": "x"])?.code == "invalid-parameters")
        }
    }

    @Test("is only looked at by a dry run, which shows who comes and goes")
    func dryRun() async throws {
        try await BrokerFixture.with { fixture in
            let before = try await fixture.made("web", ["leaders": 3, "followers": 1])
            let answer = try await fixture.broker.previewChange(
                fixture.path("web"), ClusterChange(parameters: ["leaders": 1, "followers": 2]), for: BrokerFixture.member)
            #expect(answer.cluster.nodes.filter { $0.state == .leaving }.map(\.name).sorted() == ["web-leader-1", "web-leader-2"])
            #expect(answer.cluster.nodes.filter { $0.state == .planned }.map(\.name) == ["web-follower-1"])
            #expect(answer.quota.map { $0.asked["node"] } == [1, 1] && answer.quota.map { $0.used["node"] } == [4, 4])
            #expect(try fixture.cluster() == before)
        }
    }

    @Test("asked twice with one key is changed once")
    func idempotent() async throws {
        try await BrokerFixture.with { fixture in
            _ = try await fixture.made()
            let key = IdempotencyKey(key: "k", request: .init("change".utf8))
            let change = ClusterChange(parameters: ["followers": 3])
            let first = try await fixture.broker.changeCluster(fixture.path("web"), change, for: BrokerFixture.member, key: key)
            let again = try await fixture.broker.changeCluster(fixture.path("web"), change, for: BrokerFixture.member, key: key)
            #expect(first == again)
            _ = try await fixture.end(of: #require(first.operation).id)
        }
    }
}
