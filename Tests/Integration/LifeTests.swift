// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioClient
import ImpresarioModel
import Testing

extension RealEngines {
    /// What becomes of a swarm while it works: more nodes and fewer, nodes that are lost, hosts that are emptied, work that is called off.
    @Suite struct LifeTests {
        @Test("A swarm grows from two workers to four and shrinks to one, and its service runs on")
        func resize() async throws {
            try await Installation.with { installation in
                let account = try await installation.account()
                let before = try await installation.make(managers: 1, workers: 2, by: account)
                let docker = try await installation.docker(of: account)
                try await installation.runService(on: before, replicas: 1, docker)

                let grown = try await installation.change(["workers": 4], of: account)
                #expect(grown.nodes.count == 5 && grown.nodes.prefix(3).map(\.id) == before.nodes.map(\.id))
                #expect(try await docker.states() == Array(repeating: "Ready", count: 5))
                for node in grown.nodes.dropFirst(3) { try await installation.makeImage(on: node) }

                let shrunk = try await installation.change(["workers": 1], of: account)
                #expect(shrunk.nodes.count == 2 && shrunk.phase == .ready && shrunk.health == .healthy)
                #expect(try await docker.states() == ["Ready", "Ready"])
                try await installation.expectService(replicas: 1, docker)
                #expect(try await installation.nodesOfDriver() == shrunk.nodes.map(\.id.rawValue).sorted())
                #expect(try await installation.used(by: account) == shrunk.use())
            }
        }

        @Test("A worker and a manager of three that are lost for good are replaced under their names, at full quota")
        func repair() async throws {
            try await Installation.with(arguments: ["--health-interval", "1s"]) { installation in
                let account = try await installation.account(limits: ["node": 4])
                let before = try await installation.make(managers: 3, workers: 1, by: account)
                let docker = try await installation.docker(of: account)
                for group in ["worker", "manager"] {
                    let cluster = try await installation.cluster(of: account)
                    let node = try #require(cluster.nodes.last { $0.group == group })
                    try await installation.lose(node)
                    try await until("\(node.name) is replaced and the swarm healthy", within: .seconds(180)) {
                        let now = try await installation.cluster(of: account)
                        return now.phase == .ready && now.health == .healthy && !now.nodes.contains { $0.id == node.id }
                            && now.nodes.contains { $0.name == node.name && $0.state == .joined }
                    }
                    #expect(try await docker.states() == Array(repeating: "Ready", count: 4), "\(group)")
                }
                let after = try await installation.cluster(of: account)
                #expect(after.nodes.map(\.name).sorted() == before.nodes.map(\.name).sorted())
                #expect(try await installation.nodesOfDriver() == after.nodes.map(\.id.rawValue).sorted())
                #expect(try await docker("node ls --format '{{.ManagerStatus}}' --filter role=manager").lines.count == 3)
            }
        }

        @Test("A host is emptied onto another one, node by node, while the swarm works")
        func drain() async throws {
            try await Installation.with(arguments: ["--hosts", "east,west", "--health-interval", "1s"]) { installation in
                let account = try await installation.account()
                let before = try await installation.make(managers: 1, workers: 2, by: account)
                #expect(Set(before.nodes.map(\.host)) == ["east", "west"])
                let host = try #require(before.nodes.last { $0.group == "worker" }).host
                let other = host == "east" ? "west" : "east"
                _ = try await installation.client { try await $0.updateHost(host, HostUpdate(state: .draining)) }
                try await until("nothing is on \(host)", within: .seconds(240)) {
                    let cluster = try await installation.cluster(of: account)
                    return cluster.phase == .ready && cluster.nodes.allSatisfy { $0.host == other && $0.state == .joined }
                }
                try await until("the drain has ended", within: .seconds(60)) {
                    try await installation.client { try await $0.host(host).host.state } == .cordoned
                }
                let after = try await installation.cluster(of: account)
                #expect(after.nodes.count == 3 && after.nodes.allSatisfy { $0.replaces == nil })
                try await until("all are ready", within: .seconds(60)) {
                    try await installation.docker(of: account).states() == ["Ready", "Ready", "Ready"]
                }
                #expect(try await installation.nodesOfDriver() == after.nodes.map(\.id.rawValue).sorted())
                #expect(try await installation.used(by: account) == before.use())
            }
        }

        @Test("A creation that is called off in any step ends within ten seconds, and leaves what was asked")
        func cancel() async throws {
            try await Installation.with { installation in
                let account = try await installation.account()
                var reached = Set<String>()
                for (index, step) in ["provision", "bootstrap", "join", "health"].enumerated() {
                    let keeps = index % 2 == 1
                    let accepted = try await installation.order("web\(index)", managers: 1, workers: 2, by: account)
                    let id = accepted.operation.id
                    try await until("\(step) runs", within: .seconds(120)) {
                        let operation = try await installation.client { try await $0.operation(id) }
                        let states = operation.steps.drop { $0.name != step }.map(\.state)
                        return states.first != .pending || operation.state.isFinal
                    }
                    let began = ContinuousClock.now
                    let answer = try await installation.client(account.token) { client in
                        try await client.cancelOperation(id, then: keeps ? .keep : .delete)
                    }
                    if !keeps { _ = try await installation.end(of: answer.operation.id) }
                    try await until("nothing runs for it any more", within: .seconds(30)) {
                        try await installation.commandsOfOperations().filter { $0.contains(id.rawValue) } == []
                    }
                    #expect(ContinuousClock.now - began < .seconds(10), "\(step)")
                    let cancelled = try await installation.client { try await $0.operation(id) }
                    #expect(cancelled.state == .cancelled)
                    if let stopped = cancelled.steps.first(where: { $0.state == .skipped || $0.state == .running }) {
                        reached.insert(stopped.name)
                    }
                    let left = try await installation.client(account.token) { try await $0.clusters(in: account.scope).all() }
                    #expect(left.filter { $0.name == "web\(index)" }.map(\.phase) == (keeps ? [.failed] : []))
                    if keeps { try await installation.delete("web\(index)", of: account) }
                }
                #expect(reached.isSuperset(of: ["provision", "bootstrap"]), "\(reached)")
                #expect(try await installation.nodesOfDriver() == [])
            }
        }
    }
}

extension Installation {
    /// Lays parameters over those of a cluster, and waits for the end of what that takes.
    fileprivate func change(_ parameters: JSONValue, _ name: String = "web", of account: Account) async throws -> Cluster {
        let changed = try await client(account.token) { client in
            try await client.changeCluster(name, ClusterChange(parameters: parameters), in: account.scope)
        }
        _ = try await end(of: try #require(changed.operation).id)
        return try await cluster(name, of: account)
    }

    /// As when a disk dies: the node stops, and cannot be started again.
    fileprivate func lose(_ node: Node) async throws {
        let process = try await initProcess(of: node)
        try FileManager.default.removeItem(atPath: "\(data)/local/nodes/\(node.id)/disk.img")
        Glibc.kill(process, SIGKILL)
    }
}
