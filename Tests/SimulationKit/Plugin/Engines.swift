// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioInfrastructure
import ImpresarioModel

/// The engines that run in the nodes: who is a member of which cluster, and whether a majority of those that vote is there.
///
/// Membership outlives brokers, guests and restarts of nodes, and changes only by commands that nodes run to their end.
///
/// Unchecked: confined to the thread of the executor.
final class Engines: @unchecked Sendable {
    struct Engine {
        /// Whether each one votes.
        var members: [ID<Node>: Bool] = [:]
        var wasFormed = false
    }

    struct Call {
        var verb: String
        var isWrite: Bool
    }

    private unowned let world: World
    private(set) var engines: [ID<Cluster>: Engine] = [:]
    /// Calls of plugins under way that may write, by cluster.
    private var writing: [ID<Cluster>: Call] = [:]
    /// The highest attempt that was called, by operation and step.
    private var attempts: [String: Int] = [:]
    /// Grows when a broker dies: its calls are over.
    private(set) var era = 0

    init(world: World) { self.world = world }

    func abandon() {
        era += 1
        writing = [:]
    }

    func isMember(_ node: ID<Node>) -> Bool { engines.values.contains { $0.members[node] != nil } }

    private func isRunning(_ node: ID<Node>) -> Bool {
        guard let known = world.machine(of: node)?.nodes[node] else { return false }
        return known.isRunning && !known.isPartial
    }

    func hasQuorum(_ cluster: ID<Cluster>) -> Bool {
        let voters = (engines[cluster]?.members ?? [:]).filter(\.value).keys
        return voters.count { isRunning($0) } * 2 > voters.count
    }

    /// `engine form|join|leave|status|wipe CLUSTER [NODE] [voter]`, run on a node.
    func run(_ command: NodeCommand, on node: ID<Node>) -> CommandOutcome? {
        let words = command.arguments
        guard words.count >= 3, words[0] == "engine" else { return nil }
        let cluster = ID<Cluster>(words[2])
        var engine = engines[cluster] ?? Engine()
        func ended(_ code: Int32, _ text: String = "") -> CommandOutcome {
            CommandOutcome(exitCode: code, output: Data(text.utf8), error: Data())
        }
        switch words[1] {
        case "form":
            if engine.members.isEmpty { engine.members[node] = true }
            engine.wasFormed = true
        case "join":
            if engine.members[node] != nil { return ended(0) }
            guard hasQuorum(cluster) else { return ended(2, "no quorum") }
            engine.members[node] = words.contains("voter")
        case "leave":
            let leaver = ID<Node>(words[3])
            if engine.members[leaver] == nil { return ended(0) }
            guard hasQuorum(cluster) else { return ended(2, "no quorum") }
            engine.members[leaver] = nil
            if engine.members.values.allSatisfy({ !$0 }) { return ended(3, "the last voter cannot leave") }
        case "status":
            let members = engine.members.keys.filter { isRunning($0) }.map(\.rawValue).sorted()
            return ended(hasQuorum(cluster) ? 0 : 2, members.joined(separator: " "))
        case "wipe":
            engines[cluster] = nil
            return ended(0)
        default: return ended(1)
        }
        engines[cluster] = engine
        return ended(0)
    }

    /// The machines of members are gone for good.
    func forget(_ cluster: ID<Cluster>) { engines[cluster] = nil }

    // MARK: how plugins are called

    func begin(_ verb: String, isWrite: Bool, cluster: ID<Cluster>, operation: String, attempt: Int) {
        if isWrite {
            if let other = writing[cluster] {
                world.violation("the plugin was called with '\(verb)' for cluster \(cluster) while its '\(other.verb)' was under way")
            }
            writing[cluster] = Call(verb: verb, isWrite: true)
            let last = attempts[operation] ?? 0
            if attempt < last {
                world.violation("'\(verb)' of \(operation) was called as attempt \(attempt) after attempt \(last)")
            }
            attempts[operation] = max(last, attempt)
        }
    }

    func end(isWrite: Bool, cluster: ID<Cluster>, era: Int) { if isWrite, era == self.era { writing[cluster] = nil } }
}
