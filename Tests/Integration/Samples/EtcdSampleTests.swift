// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioClient
import ImpresarioModel
import Testing

extension RealEngines {
    /// `samples/plugins/etcd-c` in a running broker; one after the other on the same cluster, as etcdctl sees it.
    @Suite(.needs("cc", "make")) struct EtcdSampleTests {
        @Test("Three members keep data by quorum for the plain etcdctl; a killed one is told and mended; nothing is left; the grade is A")
        func etcd() async throws {
            try await Installation.withSample("etcd-c", type: "etcd") { installation, account in
                try await evenMembers(installation, account)
                let cluster = try await installation.make(type: "etcd", "--members 3 --quota-mib 64", by: account)
                let given = try await installation.credentials(of: account)
                let client = EtcdClient(
                    etcdctl: try EngineClient("etcdctl", given, in: installation.folder),
                    addresses: try #require(cluster.endpoints.first).addresses)
                try await membership(client)
                try await operations(installation, account, client)
                let leader = try await leader(installation, account, cluster)
                try await installation.loseOneOfMany(try #require(cluster.nodes.first { $0.id != leader.id }), account)
                try await membership(client)
                try await quorum(installation, account, cluster, client)
                try await revocation(installation, account, client, given)
                try await installation.deleteWithoutTrace(of: account)
            }
        }

        // MARK: parts

        /// An even number is refused with a pointer, before anything is made.
        private func evenMembers(_ installation: Installation, _ account: Account) async throws {
            let problem = await #expect(throws: Problem.self) {
                try await installation.client(account.token) {
                    try await $0.createCluster(NewCluster(name: "even", type: "etcd", parameters: ["members": 2]), in: account.scope)
                }
            }
            #expect(
                problem?.field == "/parameters/members" && problem?.message.contains("1, 3 or 5") == true, "\(String(describing: problem))")
            #expect(try await installation.used(by: account).isEmpty)
        }

        /// All members answer, agree on one leader, and what is written through one is read through the next.
        private func membership(_ client: EtcdClient) async throws {
            let health = try await client("endpoint health")
            #expect(health.succeeded && health.lines.count { $0.contains("is healthy") } == 3, "\(health.text)")
            #expect(try await client("member list").lines.count { $0.contains("started") } == 3)
            let told = try await client("endpoint status -w json")
            // As text: ids have 64 bits, half of them do not fit an Int64.
            let leaders = told.text.matches(of: /"leader":([0-9]+)/).map(\.1)
            #expect(leaders.count == 3 && Set(leaders).count == 1 && leaders[0] != "0", "\(told.text)")
            for (index, address) in client.addresses.enumerated() {
                #expect(try await client("put key-\(index) value-\(index)", at: address).succeeded)
                let next = client.addresses[(index + 1) % 3]
                #expect(try await client("get key-\(index) --print-value-only", at: next).lines == ["value-\(index)"])
            }
        }

        private func operations(_ installation: Installation, _ account: Account, _ client: EtcdClient) async throws {
            for value in 1...20 { #expect(try await client("put key \(value)").succeeded) }
            let snapshot = try await installation.operate("snapshot", of: account)
            let revision = try #require(snapshot["revision"]?.integer)
            #expect(revision == 24 && snapshot["hash"]?.string?.count == 8, "\(snapshot)")
            let node = try #require(
                try await installation.cluster(of: account).nodes.first { $0.id.rawValue == snapshot["node-used"]?.string })
            let path = try #require(snapshot["path"]?.string)
            let size = try await installation.shell("stat -c %s \(path)", on: node)
            #expect(size.lines == [String(snapshot["size"]?.integer ?? 0)], "\(size.text)")

            #expect(try await installation.operate("compact", ["keep": 5], of: account)["revision"] == .integer(revision - 5))
            #expect(try await !client("get key --rev=\(revision - 8)").succeeded)
            #expect(try await client("get key --rev=\(revision - 2) --print-value-only").lines == ["18"])
            #expect((try await installation.operate("defragment", of: account)["freed"]?.integer ?? -1) >= 0)
        }

        private func leader(_ installation: Installation, _ account: Account, _ cluster: Cluster) async throws -> Node {
            let members = try await installation.operate("member-list", of: account)
            let leader = try #require(members["members"]?.array?.first { $0["role"] == "leader" }?["node"]?.string, "\(members)")
            return try #require(cluster.nodes.first { $0.name == leader })
        }

        /// Without its leader the cluster goes on and says that it is degraded; without a majority it does not, and says that.
        private func quorum(_ installation: Installation, _ account: Account, _ cluster: Cluster, _ client: EtcdClient) async throws {
            let first = try await leader(installation, account, cluster)
            try await installation.turn("etcd", "down", on: first)
            let degraded = try await installation.awaitHealth(.degraded, of: account)
            #expect(degraded.condition("QuorumAtRisk") == "2 of 3 members answer; no further one may fail.", "\(degraded.conditions)")
            let second = try await leader(installation, account, cluster)
            #expect(second.id != first.id)
            let survivor = try #require(
                client.addresses.indices.first { cluster.nodes[$0].id != first.id && cluster.nodes[$0].id != second.id })
            #expect(try await client("put during election", at: client.addresses[survivor]).succeeded)

            try await installation.turn("etcd", "down", on: second)
            let unhealthy = try await installation.awaitHealth(.unhealthy, of: account)
            #expect(unhealthy.condition("QuorumLost") != nil, "\(unhealthy.conditions)")
            #expect(try await !client("--command-timeout=3s put key value").succeeded)
            try await installation.turn("etcd", "up", on: first, second)
            try await installation.awaitHealth(.healthy, of: account)
            for address in client.addresses {
                #expect(try await client("get during --print-value-only", at: address).lines == ["election"])
            }
        }

        /// A binding that is revoked opens nothing any more on any member; others do.
        private func revocation(
            _ installation: Installation, _ account: Account, _ client: EtcdClient, _ given: Credentials
        ) async throws {
            let other = EtcdClient(
                etcdctl: try EngineClient("etcdctl", try await installation.credentials(of: account), in: installation.folder),
                addresses: client.addresses)
            // A writer manages no users.
            #expect(try await !client("user list").succeeded)
            try await installation.revoke(given.binding, account)
            for address in client.addresses {
                #expect(try await !client("--command-timeout=2s get key", at: address).succeeded)
                #expect(try await !client("--command-timeout=2s member list", at: address).succeeded)
                #expect(try await other("get key --print-value-only", at: address).lines == ["20"])
            }
        }
    }
}

/// etcdctl as a tenant uses it.
private struct EtcdClient {
    let etcdctl: EngineClient
    let addresses: [String]

    /// - Parameter address: one member; all of them when left out.
    func callAsFunction(_ arguments: String, at address: String? = nil) async throws -> Machine.Answer {
        try await etcdctl(arguments, address.map { ["ETCDCTL_ENDPOINTS": "https://\($0)"] } ?? [:])
    }
}
