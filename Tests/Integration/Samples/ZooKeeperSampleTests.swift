// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioModel
import Testing

extension RealEngines {
    /// `samples/plugins/zookeeper-swift` in a running broker; one after the other on the same ensemble, as ZooKeeper's own client sees it.
    @Suite(
        .needs("swift", "make", "strip"),
        .enabled(if: ZooKeeperClient.isThere, "skipped: Debian's libzookeeper-java cannot be fetched here"))
    struct ZooKeeperSampleTests {
        @Test("Three servers serve ZooKeeper's own client; killed ones are told and mended; nothing is left; the grade is A")
        func zookeeper() async throws {
            try await Installation.withSample("zookeeper-swift", type: "zookeeper") { installation, account in
                let cluster = try await installation.make(type: "zookeeper", "--servers 3", by: account)
                let given = try await installation.credentials(of: account)
                let client = try ZooKeeperClient(given, in: installation.folder)
                let addresses = try #require(cluster.endpoints.first).addresses
                try await data(client, cluster, addresses)

                let before = try await modes(installation, account, cluster)
                try await installation.loseOneOfMany(try #require(cluster.nodes.first { before[$0.name] == "follower" }), account)
                let leader = try #require(cluster.nodes.firstIndex { before[$0.name] == "leader" })
                try await installation.lose(cluster.nodes[leader], account)
                _ = try await modes(installation, account, cluster)
                try await client.expect("get /impresario", at: addresses[leader], says: "one")

                try await quorum(installation, account, cluster, client)
                try await operations(installation, account, cluster)
                try await revocation(installation, account, client, given, addresses)
                try await installation.deleteWithoutTrace(of: account)
            }
        }

        @Test("Its own tests pass, which need no server")
        func own() async throws {
            let folder = try await Sample.copy("samples/plugins/zookeeper-swift")
            let tested = try await Machine.shell("make -C \(folder) SDK=\(Sample.root)/Sources test")
            #expect(tested.succeeded && tested.text.contains(/Test run with \d+ tests .*passed/), "\(tested.text)")
        }

        // MARK: parts

        /// What is written through one server is read through all, they agree on who is a member, and nobody is let in without a certificate.
        private func data(_ client: ZooKeeperClient, _ cluster: Cluster, _ addresses: [String]) async throws {
            #expect(addresses.count == 3)
            try await client.expect("create /impresario one", at: addresses[0], says: "Created /impresario")
            for address in addresses { try await client.expect("get /impresario", at: address, says: "one") }
            let members = try await client("config")
            for node in cluster.nodes { #expect(members.text.contains("=\(node.address):2888:3888:participant"), "\(members.text)") }
            #expect(try await !client("ls /", changing: ["CLIENT_JVMFLAGS": ""]).text.contains("impresario"))
        }

        /// What each server says that it is: there must be one leader and two followers.
        private func modes(_ installation: Installation, _ account: Account, _ cluster: Cluster) async throws -> [String: String] {
            var modes: [String: String] = [:]
            for node in cluster.nodes {
                let told = try await installation.operate("server-stats", ["node": .string(node.name)], of: account)
                modes[node.name] = told["stats"]?["zk_server_state"]?.string
            }
            #expect(modes.values.sorted() == ["follower", "follower", "leader"], "\(modes)")
            return modes
        }

        /// A server that is down is named; two of them are a lost quorum, and back again all is as it was.
        private func quorum(_ installation: Installation, _ account: Account, _ cluster: Cluster, _ client: ZooKeeperClient) async throws {
            try await installation.turn("zookeeper", "down", on: cluster.nodes[0])
            let degraded = try await installation.awaitHealth(.degraded, of: account)
            #expect(degraded.condition("ServerDown")?.hasPrefix("\(cluster.nodes[0].name) ") == true, "\(degraded.conditions)")
            try await installation.turn("zookeeper", "down", on: cluster.nodes[1])
            let unhealthy = try await installation.awaitHealth(.unhealthy, of: account)
            #expect(unhealthy.condition("QuorumLost") != nil, "\(unhealthy.conditions)")
            try await installation.turn("zookeeper", "up", on: cluster.nodes[0], cluster.nodes[1])
            try await installation.awaitHealth(.healthy, of: account)
            try await client.expect("set /impresario two")
        }

        private func operations(_ installation: Installation, _ account: Account, _ cluster: Cluster) async throws {
            let node: [String: JSONValue] = ["node": .string(cluster.nodes[0].name)]
            let word = try await installation.operate("four-letter-word", node.merging(["word": "ruok"]) { $1 }, of: account)
            #expect(word["answer"] == "imok")
            let mode = try await installation.operate("restart-server", node, of: account)["mode"]
            #expect(mode == "follower" || mode == "leader", "\(String(describing: mode))")
        }

        /// Who is revoked is let in nowhere; the others go on.
        private func revocation(
            _ installation: Installation, _ account: Account, _ client: ZooKeeperClient, _ given: Credentials, _ addresses: [String]
        ) async throws {
            let other = try ZooKeeperClient(try await installation.credentials(of: account), in: installation.folder)
            try await installation.revoke(given.binding, account)
            for address in addresses {
                #expect(try await !client("get /impresario", at: address).lines.contains("two"))
                try await other.expect("get /impresario", at: address, says: "two")
            }
        }
    }
}
