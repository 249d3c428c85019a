// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioClient
import ImpresarioModel
import Testing

extension RealEngines {
    /// Parts that die while the broker lives.
    @Suite struct LossTests {
        @Test("A plugin that crashes in the middle of bootstrap costs one attempt of one step, and nothing else")
        func guest() async throws {
            try await Installation.with { installation in
                let other = try await installation.account("other")
                try await installation.make("calm", by: other)
                let account = try await installation.account()
                let accepted = try await installation.order(workers: 1, by: account)
                let id = accepted.operation.id
                try await installation.client { client in
                    try await until("bootstrap says what it is at", within: .seconds(60)) {
                        let bootstrap = try await client.operation(id).steps.first { $0.name == "bootstrap" }
                        try #require(bootstrap?.state != .done)
                        return bootstrap?.state == .running && bootstrap?.phase != nil
                    }
                    let broker = try #require(installation.broker).processIdentifier
                    let workers = try await installation.guestWorkers()
                    #expect(!workers.isEmpty)
                    // All of them, since from outside nobody can tell whose a guest is; the calm cluster's serves no call now.
                    for worker in workers { kill(worker, SIGSEGV) }
                    let ended = try await installation.end(of: id)
                    let bootstrap = try #require(ended.steps.first { $0.name == "bootstrap" })
                    #expect(ended.state == .succeeded && bootstrap.attempts == 2)
                    #expect(try #require(installation.broker).processIdentifier == broker)
                    // The other steps, and the other cluster, did not notice.
                    #expect(ended.steps.filter { $0.name != "bootstrap" }.allSatisfy { $0.attempts == 1 })
                    #expect(try await client.cluster("calm", in: other.scope).phase == .ready)
                    for worker in workers { #expect(kill(worker, 0) != 0 && errno == ESRCH) }
                }
                #expect(try await installation.docker(of: account).states() == ["Ready", "Ready"])
                #expect(try await installation.docker("calm", of: other).states() == ["Ready"])
                #expect(try await installation.commandsOfOperations() == [])
            }
        }

        @Test("When the leader's node is killed another manager's endpoint answers within a minute, and the node comes back by itself")
        func leader() async throws {
            try await Installation.with { installation in
                let account = try await installation.account()
                let cluster = try await installation.make(managers: 3, by: account)
                let docker = try await installation.docker(of: account)
                let listing = try await docker("node ls --format '{{.Hostname}} {{.ManagerStatus}}'").lines
                let leader = try #require(
                    cluster.nodes.first { node in listing.contains("\(node.name) Leader") }, "\(listing)")
                let addresses = try #require(cluster.endpoints.first { $0.name == "docker" }).addresses
                let dead = try #require(cluster.nodes.filter { $0.group == "manager" }.firstIndex { $0.id == leader.id })

                kill(try await installation.initProcess(of: leader), SIGKILL)
                let survivor = ["DOCKER_HOST": "tcp://\(addresses[(dead + 1) % 3])"]
                try await until("another manager answers, with a leader", within: .seconds(60)) {
                    let answer = try await docker("node ls --format '{{.Hostname}} {{.ManagerStatus}}'", survivor)
                    return answer.succeeded
                        && answer.lines.contains { $0.hasSuffix(" Leader") && !$0.hasPrefix("\(leader.name) ") }
                }
                try await until("the loss is on record, the node started again and the cluster healthy", within: .seconds(90)) {
                    let events = try await installation.events(of: account)
                    // Between loss and recovery there may be more than one state: during the election there is no leader.
                    let states = events.filter { $0.type == "cluster.health" }.map(\.message)
                    // The loss is on record before it is mended.
                    guard let restarted = events.firstIndex(where: { $0.type == "node.restarted" }) else { return false }
                    let wasLost = events[..<restarted].contains { $0.type == "cluster.health" && !$0.message.contains("is healthy") }
                    return wasLost && states.last?.contains("is healthy") == true
                }
                #expect(try await docker.states() == ["Ready", "Ready", "Ready"])
                let own = ["DOCKER_HOST": "tcp://\(addresses[dead])"]
                #expect(try await docker("node ls -q", own).lines.count == 3)
            }
        }
    }
}

extension Installation {
    /// The processes in which plugins run: those of the guest host that started no other.
    fileprivate func guestWorkers() async throws -> [Int32] {
        guard let broker else { return [] }
        let guests = try await Machine.descendants(of: broker.processIdentifier, named: "impresario-guest")
        let parents = try await Machine.shell("ps -o ppid= -p \(guests.map(String.init).joined(separator: ","))").lines
            .compactMap { Int32($0.trimmingCharacters(in: .whitespaces)) }
        return guests.filter { !parents.contains($0) }
    }

    fileprivate func events(_ name: String = "web", of account: Account) async throws -> [Event] {
        try await client(account.token) { try await $0.events(ofCluster: name, in: account.scope).all() }
    }
}
