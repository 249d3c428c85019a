// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel
import Testing

extension RealEngines {
    /// `samples/plugins/redis-cpp` in a running broker; one after the other on the same cluster, as redis-cli sees it.
    @Suite(.needs("c++", "make")) struct RedisSampleTests {
        @Test("A primary and two replicas serve the plain redis-cli; lost ones are told and replaced; nothing is left; the grade is A")
        func redis() async throws {
            try await Installation.withSample("redis-cpp", type: "redis") { installation, account in
                let cluster = try await installation.make(type: "redis", "--nodes 3", by: account)
                let given = try await installation.credentials(of: account)
                let redis = try RedisClient(given, in: installation)
                let primary = try #require(try await installation.primary(of: cluster))
                #expect(try await redis("SET key value") == ["OK"])
                try await expectReplication(installation, account, cluster)

                try await installation.loseOneOfMany(try #require(cluster.nodes.first { $0.id != primary.id }), account)
                try await expectReplication(installation, account, cluster)
                try await promotion(installation, account, cluster)
                try await operations(installation, account, cluster)
                try await expectReplication(installation, account, cluster)
                try await revocation(installation, account, cluster, given)
                try await installation.deleteWithoutTrace(of: account)
            }
        }

        // MARK: parts

        /// Two replicas follow whoever is the primary now, and every node has the data.
        private func expectReplication(_ installation: Installation, _ account: Account, _ cluster: Cluster) async throws {
            let redis = try RedisClient(try await installation.credentials(of: account), in: installation)
            #expect(try await redis("SET round trip") == ["OK"])
            #expect(try await redis("WAIT 2 5000") == ["2"])
            #expect(try await redis("INFO replication").contains("connected_slaves:2"))
            for address in try #require(cluster.endpoints.first).addresses {
                #expect(try await redis("GET key", at: address) == ["value"])
            }
        }

        /// When the primary stays away the sentinels promote a replica; the cluster is degraded until the old one follows it.
        private func promotion(_ installation: Installation, _ account: Account, _ cluster: Cluster) async throws {
            let old = try #require(try await installation.primary(of: cluster))
            try await installation.turn("redis", "down", on: old)
            var promoted: Node?
            try await until("a replica is promoted", within: .seconds(90)) {
                promoted = try await installation.primary(of: cluster)
                return promoted != nil && promoted?.id != old.id
            }
            // The other replica needs a moment to follow the new primary.
            try await until("the cluster is degraded, with two nodes", within: .seconds(60)) {
                let now = try await installation.cluster(of: account)
                return now.health == .degraded && now.condition("ReplicaMissing") == "2 of 3 nodes are ready."
            }
            // What the sentinels themselves say, on a node that stayed.
            let other = try #require(cluster.nodes.first { $0.id != old.id })
            let primary = try #require(promoted).address
            // One that did not lead the failover hears of its end a moment later.
            try await until("a sentinel names \(primary) and two others", within: .seconds(60)) {
                let said = try await installation.shell("\(RedisClient.ofNode) -p 26379 SENTINEL MASTERS", on: other)
                return said.lines.contains(primary) && said.text.contains(/num-other-sentinels\s+2\b/)
            }
            try await installation.turn("redis", "up", on: old)
            try await installation.awaitHealth(.healthy, of: account)
        }

        private func operations(_ installation: Installation, _ account: Account, _ cluster: Cluster) async throws {
            let first = try await installation.primary(of: cluster)
            let said = try await installation.imp("cluster do web failover", as: account)
            let promoted = try #require(try await installation.primary(of: cluster))
            #expect(promoted.id != first?.id)
            #expect(said.lines == ["primary:  \(promoted.name)"], "\(said.text)")
            let told = try await installation.operate("info", ["section": "server"], of: account)["told"]
            #expect(told?["redis_version"]?.string?.hasPrefix("7.") == true && told?["node"]?.string == promoted.id.rawValue)
            #expect(try await installation.operate("set-config", ["setting": "hz", "value": "20"], of: account)["changed"] == 3)
            let refused = await #expect(throws: Problem.self) {
                try await installation.operate("set-config", ["setting": "maxmemory-policy", "value": "nonsense"], of: account)
            }
            #expect(refused?.field == "/value" && refused?.message.contains("volatile-lru") == true, "\(String(describing: refused))")
        }

        /// A binding that is revoked opens no node any more; others do.
        private func revocation(_ installation: Installation, _ account: Account, _ cluster: Cluster, _ given: Credentials) async throws {
            let redis = try RedisClient(given, in: installation)
            let other = try RedisClient(try await installation.credentials(of: account), in: installation)
            // A writer does not manage the server.
            #expect(try await redis("CONFIG GET maxmemory").first?.hasPrefix("NOPERM") == true)
            try await installation.revoke(given.binding, account)
            for address in try #require(cluster.endpoints.first).addresses {
                #expect(try await redis("GET key", at: address).contains { $0.hasPrefix("NOAUTH") || $0.contains("WRONGPASS") })
                #expect(try await other("GET key", at: address) == ["value"])
            }
        }
    }
}

/// redis-cli as a tenant uses it.
private struct RedisClient {
    /// In a node, as the plugin's own user.
    static let ofNode =
        "REDISCLI_AUTH=$(cat /etc/redis/admin.secret) redis-cli --no-auth-warning --tls --cacert /etc/redis/ca.pem --user admin"

    private let client: EngineClient

    init(_ credentials: Credentials, in installation: Installation) throws {
        client = try EngineClient("redis-cli", credentials, in: installation.folder)
    }

    /// - Parameter address: another node's than the primary's, as `host:port`.
    func callAsFunction(_ command: String, at address: String? = nil) async throws -> [String] {
        let parts = address?.split(separator: ":").map(String.init)
        let changed = parts.map { ["REDIS_HOST": $0[0], "REDIS_PORT": $0[1]] } ?? [:]
        let answer = try await client(
            "--no-auth-warning --tls --cacert $REDIS_CACERT --user $REDIS_USER -h $REDIS_HOST -p $REDIS_PORT \(command)", changed)
        return answer.text.split(whereSeparator: \.isNewline).map(String.init)
    }
}

extension Installation {
    /// The node whose own Redis says that it is the primary.
    fileprivate func primary(of cluster: Cluster) async throws -> Node? {
        for node in cluster.nodes where try await shell("\(RedisClient.ofNode) INFO replication", on: node).text.contains("role:master") {
            return node
        }
        return nil
    }
}
