// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioPluginKit
import PluginTestSupport

@testable import SwarmPlugin

/// Engines that answer the commands the plugin runs, as one swarm in memory. They know only what those commands say and show.
final class FakeEngines {
    /// One engine's own view.
    struct Engine {
        var swarmID = ""
        var isManager = false
        var isUp = true
    }

    private(set) var engines: [String: Engine] = [:]
    private(set) var members: [String: Member] = [:]
    private(set) var swarmsBegun = 0
    private var tokens = ["manager": 1, "worker": 1]
    private var serial = 0
    let host = FakeHost()
    private var names: [String: String] = [:]

    init() {
        // The host, which a call points to, keeps its engines.
        host.run = { [self] in answer($0) }
    }

    func call(_ nodes: [Node], attempt: Int = 1, kind: String = "create") throws -> Call {
        for node in nodes {
            names[node.id] = node.name
            if engines[node.id] == nil { engines[node.id] = Engine() }
        }
        let context = Context(
            operation: .init(id: "o1", kind: kind, attempt: attempt),
            cluster: .init(id: "c1", name: "web", params: try JSONValue(encoding: Parameters.defaults), network: "10.208.3.0/24"),
            nodes: nodes)
        return Call(context: context, host: host.table, pointer: host.call)
    }

    static func node(_ role: Role, _ ordinal: Int, generation: Int = 0, state: String = "running") -> Node {
        Node(
            id: "n-\(role)-\(ordinal)-\(generation)", name: "web-\(role)-\(ordinal)", group: role.rawValue, role: role.rawValue,
            ordinal: ordinal,
            address: "10.208.3.\(role == .manager ? 10 + ordinal : 50 + ordinal)", state: state, flavor: .init(cpu: 1, memory: 1, disk: 1))
    }

    /// Gone for good, as far as the others can see.
    func lose(_ node: Node) {
        host.unreachable.insert(node.id)
        if let id = engines[node.id]?.swarmID { members[id]?.state = .down }
    }

    private func answer(_ command: FakeHost.Command) -> FakeHost.Answer {
        let arguments = command.arguments
        let text = arguments.joined(separator: " ")
        guard engines[command.node] != nil else { return .init(exitCode: 125) }
        if text.contains("groupadd") || text.contains("kill -HUP") { return .init() }
        if text.contains("docker info") { return .init(info(command.node)) }
        if text.contains("docker swarm join --token") { return join(command) }
        if text.contains("docker node inspect") { return inspect(command.node) }
        switch arguments.dropFirst().prefix(2).joined(separator: " ") {
        case "swarm init": return begin(command)
        case "swarm leave": return leave(command.node)
        case "swarm join-token": return token(command)
        case "node ls":
            return onManager(command.node) {
                members.values.map { arguments.contains("--format") ? "\($0.id) \($0.state == .ready ? "Ready" : "Down")" : $0.id }.sorted()
                    .joined(separator: "\n")
            }
        case "node update": return change(command) { $0.availability = Member.Availability(rawValue: arguments[4]) ?? .active }
        case "node demote": return change(command) { $0.role = .worker }
        case "node rm":
            return onManager(command.node) {
                members[arguments[4]] = nil
                return ""
            }
        case "ps --quiet": return .init()
        default: return .init(exitCode: 127, error: "unknown: \(text)")
        }
    }

    private func info(_ node: String) -> String {
        let engine = engines[node] ?? Engine()
        let state = engine.swarmID.isEmpty ? "inactive" : "active"
        return
            #"{"version":"20.10","swarm":{"NodeID":"\#(engine.swarmID)","LocalNodeState":"\#(state)","ControlAvailable":\#(engine.isManager),"Error":""}}"#
    }

    private func begin(_ command: FakeHost.Command) -> FakeHost.Answer {
        guard engines[command.node]?.swarmID.isEmpty == true else { return .init(exitCode: 1, error: "already part of a swarm") }
        swarmsBegun += 1
        members = [:]
        admit(command.node, .manager, command.arguments.contains("drain") ? .drain : .active)
        return .init()
    }

    private func admit(_ node: String, _ role: Role, _ availability: Member.Availability) {
        serial += 1
        let id = "id\(serial)"
        engines[node]?.swarmID = id
        engines[node]?.isManager = role == .manager
        members[id] = Member(
            id: id, hostname: names[node] ?? "", role: role, availability: availability, state: .ready,
            manager: role == .manager ? .init(isLeader: serial == 1, reachability: "reachable") : nil)
    }

    private func join(_ command: FakeHost.Command) -> FakeHost.Answer {
        guard engines[command.node]?.swarmID.isEmpty == true else { return .init(exitCode: 1, error: "already part of a swarm") }
        let token = command.input.trimmingCharacters(in: .newlines).split(separator: "-")
        guard token.count == 2, tokens[String(token[0])] == Int(token[1]), let role = Role(rawValue: String(token[0])) else {
            return .init(exitCode: 1, error: "invalid join token")
        }
        admit(command.node, role, command.arguments.contains("drain") ? .drain : .active)
        return .init()
    }

    private func leave(_ node: String) -> FakeHost.Answer {
        guard let engine = engines[node], !engine.swarmID.isEmpty else { return .init(exitCode: 1, error: "not part of a swarm") }
        members[engine.swarmID]?.state = .down
        engines[node] = Engine()
        return .init()
    }

    private func token(_ command: FakeHost.Command) -> FakeHost.Answer {
        onManager(command.node) {
            let role = command.arguments.last ?? ""
            if command.arguments.contains("--rotate") { tokens[role, default: 0] += 1 }
            return "\(role)-\(tokens[role] ?? 0)\n"
        }
    }

    private func inspect(_ node: String) -> FakeHost.Answer {
        onManager(node) {
            let encoder = JSONEncoder()
            return members.values.sorted { $0.id < $1.id }.compactMap { try? String(decoding: encoder.encode($0), as: UTF8.self) }
                .joined(separator: "\n")
        }
    }

    private func change(_ command: FakeHost.Command, _ body: (inout Member) -> Void) -> FakeHost.Answer {
        onManager(command.node) {
            if let id = command.arguments.last, var member = members[id] {
                body(&member)
                members[id] = member
            }
            return ""
        }
    }

    private func onManager(_ node: String, _ body: () -> String) -> FakeHost.Answer {
        guard let id = engines[node]?.swarmID, members[id]?.role == .manager else {
            return .init(exitCode: 1, error: "This node is not a swarm manager.")
        }
        return .init(body())
    }
}
