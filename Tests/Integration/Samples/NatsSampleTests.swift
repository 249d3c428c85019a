// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel
import Testing

extension RealEngines {
    /// `samples/plugins/nats-rust` in a running broker; one after the other on the same cluster, as a client of the engine's own library sees it.
    @Suite(.needs("cargo", "cc", "make"), .enabled(if: NatsClient.hasLibrary, "skipped: this machine has no libnats-dev"))
    struct NatsSampleTests {
        @Test("Three servers serve a client of the engine's own library; a killed one is told and mended; nothing is left; the grade is A")
        func nats() async throws {
            try await Installation.withSample("nats-rust", type: "nats") { installation, account in
                let cluster = try await installation.make(type: "nats", "--servers 3", by: account)
                let given = try await installation.credentials(of: account)
                let client = try await NatsClient(given, in: installation.folder)
                try await messages(client, cluster)
                try await routes(installation, account, cluster)
                let leader = try await leader(installation, account, cluster)
                try await installation.loseOneOfMany(try #require(cluster.nodes.first { $0.name != leader }), account)
                try await routes(installation, account, cluster)
                for address in client.addresses { #expect(try await client("kept", at: address).lines == ["for ever"]) }
                try await quorum(installation, account, cluster, client)
                try await revocation(installation, account, cluster, client, given)
                try await installation.deleteWithoutTrace(of: account)
            }
        }

        @Test("Its own tests pass, which need no server")
        func own() async throws {
            let folder = try await Sample.copy("samples/plugins/nats-rust")
            let tested = try await Machine.shell("make -C \(folder) SDK=\(Sample.root)/Sources test")
            #expect(tested.succeeded && tested.text.contains("test result: ok."), "\(tested.text)")
        }

        // MARK: parts

        /// What is published at one server is received at the next, a stream has its copies on all, and nobody is let in without a certificate.
        private func messages(_ client: NatsClient, _ cluster: Cluster) async throws {
            #expect(client.addresses.count == 3 && client.addresses == cluster.endpoints.first?.addresses)
            for (index, address) in client.addresses.enumerated() {
                let next = client.addresses[(index + 1) % 3]
                #expect(try await client("pass hello-\(index)", at: next, publishingAt: address).lines == ["hello-\(index)"])
            }
            let keepers = try await client("keep 'for ever'")
            #expect(
                keepers.lines.first?.split(separator: " ").map(String.init).sorted() == cluster.nodes.map(\.name).sorted(),
                "\(keepers.text)")
            #expect(try await !client("echo hello", ["NATS_CERT": "", "NATS_KEY": ""]).succeeded)
        }

        /// Complete, as each of the servers tells it. Several routes may lead to the same server.
        private func routes(_ installation: Installation, _ account: Account, _ cluster: Cluster) async throws {
            for node in cluster.nodes {
                let info = try await installation.operate("server-info", ["node": .string(node.name)], of: account)["info"]
                #expect(info?["routes"] == 2 && info?["server_name"] == .string(node.name), "\(String(describing: info))")
            }
        }

        /// Name of the node that leads JetStream, as the given one knows it.
        private func leader(_ installation: Installation, _ account: Account, _ cluster: Cluster, from index: Int = 0) async throws
            -> String
        {
            let told = try await installation.operate("server-info", ["node": .string(cluster.nodes[index].name)], of: account)
            return try #require(told["info"]?["jetstream"]?["meta"]?["leader"]?.string, "\(told)")
        }

        /// Without its leader the cluster goes on and names who is missing; without a majority streams are lost, plain messages are not.
        private func quorum(_ installation: Installation, _ account: Account, _ cluster: Cluster, _ client: NatsClient) async throws {
            let name = try await leader(installation, account, cluster)
            let first = try #require(cluster.nodes.firstIndex { $0.name == name })
            let (second, third) = ((first + 1) % 3, (first + 2) % 3)
            try await installation.turn("nats", "down", on: cluster.nodes[first])
            let degraded = try await installation.awaitHealth(.degraded, of: account)
            #expect(degraded.condition("ServerDown")?.hasPrefix("\(name) ") == true, "\(degraded.conditions)")
            #expect(try await client("kept", at: client.addresses[second]).lines == ["for ever"])
            try await installation.turn("nats", "down", on: cluster.nodes[second])
            let unhealthy = try await installation.awaitHealth(.unhealthy, of: account)
            #expect(unhealthy.condition("QuorumLost") != nil, "\(unhealthy.conditions)")
            #expect(try await client("echo hello", at: client.addresses[third]).lines == ["hello"])
            // One that led the stream gives that up when it has missed the others for a while.
            try await until("the stream does not answer without a majority", within: .seconds(60)) {
                try await !client("kept", at: client.addresses[third]).succeeded
            }
            try await installation.turn("nats", "up", on: cluster.nodes[first], cluster.nodes[second])
            try await installation.awaitHealth(.healthy, of: account)
            #expect(try await client("kept").lines == ["for ever"])
        }

        /// Who is revoked is sent away at once and let in nowhere; others stay connected, also through a lame duck.
        private func revocation(
            _ installation: Installation, _ account: Account, _ cluster: Cluster, _ client: NatsClient, _ given: Credentials
        ) async throws {
            let other = try await NatsClient(try await installation.credentials(of: account), in: installation.folder)
            let node: [String: JSONValue] = ["node": .string(cluster.nodes[0].name)]
            let address = client.addresses[0]
            async let leaving = client("hold", at: address)
            async let staying = other("hold until", at: address)
            try await until("both are connected") {
                try await installation.operate("connections", node, of: account)["total"] == 2
            }
            try await installation.revoke(given.binding, account)
            #expect(try await leaving.lines == ["connected", "sent away"])
            for endpoint in client.addresses {
                let refused = try await client("echo hello", at: endpoint)
                #expect(!refused.succeeded && refused.text.contains("Authorization Violation"), "\(refused.text)")
                #expect(try await other("echo hello", at: endpoint).lines == ["hello"])
            }
            let rest = try await installation.operate("connections", node, of: account)
            #expect(rest["total"] == 1 && rest["connections"]?.array?.count == 1, "\(rest)")

            #expect(try await installation.operate("lame-duck", node, of: account)["took"] != nil)
            #expect(try await staying.lines == ["connected", "went elsewhere"])
            try await installation.awaitHealth(.healthy, of: account)
            #expect(try await other("echo again", at: address).lines == ["again"])
        }
    }
}
