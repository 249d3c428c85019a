// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioClient
import ImpresarioModel
import Testing

extension RealEngines {
    /// Clusters that sleep, and leases that end.
    @Suite struct SleepTests {
        @Test("A swarm sleeps with cpu and memory given back, and wakes with its service as it was")
        func sleep() async throws {
            try await Installation.with { installation in
                let account = try await installation.account()
                let cluster = try await installation.make(managers: 1, workers: 2, by: account)
                let docker = try await installation.docker(of: account)
                try await installation.runService(on: cluster, replicas: 2, docker)
                let awake = try await installation.used(by: account)

                let slept = try await installation.client(account.token) {
                    try await $0.hibernateCluster("web", in: account.scope)
                }
                _ = try await installation.end(of: slept.operation.id)
                let asleep = try await installation.cluster(of: account)
                #expect(asleep.phase == .hibernated && asleep.nodes.allSatisfy { $0.state == .stopped })
                #expect(try await installation.runningContainers() == [])
                var rest = awake
                rest[ResourceVector.cpu] = 0
                rest[ResourceVector.memory] = 0
                #expect(try await installation.used(by: account) == rest)
                #expect(try await docker.states().first?.hasPrefix("error") == true)

                // It also sleeps through a new start of the broker.
                try await installation.stop()
                try await installation.start()
                #expect(try await installation.runningContainers() == [])

                let woken = try await installation.client(account.token) { try await $0.wakeCluster("web", in: account.scope) }
                _ = try await installation.end(of: woken.operation.id)
                #expect(try await installation.used(by: account) == awake)
                #expect(try await docker.states() == ["Ready", "Ready", "Ready"])
                try await installation.expectService(replicas: 2, docker)
            }
        }

        @Test("A lease warns and then ends: one swarm is deleted with all its nodes, the other sleeps")
        func lease() async throws {
            try await Installation.with(arguments: ["--health-interval", "1s"]) { installation in
                let account = try await installation.account()
                for (name, ending) in [("short", Lease.Ending.delete), ("tired", .hibernate)] {
                    let accepted = try await installation.client(account.token) { client in
                        try await client.createCluster(
                            NewCluster(name: name, type: "swarm", lease: TimeToLive(seconds: 30), leaseEnding: ending), in: account.scope)
                    }
                    _ = try await installation.end(of: accepted.operation.id)
                }
                try await until("one is gone and one sleeps", within: .seconds(120)) {
                    let clusters = try await installation.client(account.token) { try await $0.clusters(in: account.scope).all() }
                    return clusters.map(\.name) == ["tired"] && clusters[0].phase == .hibernated
                }
                let events = try await installation.ask("GET", "/v1/events?limit=500").json["items"]?.array ?? []
                for type in ["lease.ending", "lease.ended"] {
                    #expect(events.filter { $0["type"]?.string == type }.count == 2, "\(type)")
                }
                #expect(try await installation.runningContainers() == [])
                let used = try await installation.used(by: account)
                #expect(used[ResourceVector.cluster] == 1 && used[ResourceVector.cpu] == 0)
            }
        }
    }
}
