// SPDX-License-Identifier: Apache-2.0

import ImpresarioPluginKit

/// What was seen of a node.
enum Observation: Hashable, Sendable {
    /// What a server says to `srvr`, and whether its endpoint accepts connections.
    struct Answer: Hashable, Sendable {
        /// `leader`, `follower`, `observer` before it has a vote; nil while it has no quorum.
        var mode: String?
        var version: String?
        var connections: Int = 0
        var hasEndpoint: Bool
    }

    case answering(Answer)
    /// The node is there, the server is not.
    case silent
    /// The node is not there, and why.
    case unreachable(String)

    var isAnswering: Bool { if case .answering = self { true } else { false } }
    /// With a vote and a quorum.
    var isServing: Bool { if case .answering(let answer) = self { answer.mode == "leader" || answer.mode == "follower" } else { false } }
    var isLeader: Bool { if case .answering(let answer) = self { answer.mode == "leader" } else { false } }
}

/// Asks servers what they are.
struct Observer {
    /// A four-letter word; bash is in every node, nc may not be.
    static func question(_ word: String) -> String {
        "exec 3<>/dev/tcp/127.0.0.1/\(Server.port) && printf \(word) >&3 && timeout 5 cat <&3"
    }

    /// By node id; nodes that are not to be reached are missing. All at once; one by one when a node does not answer, since nothing is known of the others then.
    func observe(_ call: borrowing Call, _ nodes: [Node]) throws -> [String: Observation] {
        let reachable = nodes.filter(\.isReachable)
        let commands = reachable.map { node in
            Command(
                node,
                [
                    "bash", "-c",
                    "(exec 4<>/dev/tcp/\(node.address)/\(Access.port)) 2>/dev/null && echo Endpoint: yes; \(Self.question("srvr"))",
                ], timeout: .seconds(10))
        }
        var seen: [String: Observation] = [:]
        do {
            for (node, outcome) in zip(reachable, try call.execute(commands)) { seen[node.id] = Self.reading(outcome) }
        } catch {
            guard error.status != .cancelled, error.status != .deadline else { throw error }
            for (node, command) in zip(reachable, commands) {
                do {
                    seen[node.id] = Self.reading(try call.execute(command))
                } catch {
                    guard error.status != .cancelled else { throw error }
                    seen[node.id] = .unreachable(error.message)
                }
            }
        }
        return seen
    }

    static func reading(_ outcome: Outcome) -> Observation {
        var fields: [Substring: Substring] = [:]
        for line in outcome.output.split(separator: "\n") {
            let parts = line.split(separator: ": ", maxSplits: 1)
            if parts.count == 2 { fields[parts[0]] = parts[1] }
        }
        let isQuorumless = outcome.output.contains("not currently serving requests")
        guard outcome.succeeded, fields["Mode"] != nil || isQuorumless else { return .silent }
        return .answering(
            .init(
                mode: fields["Mode"].map(String.init),
                version: fields["Zookeeper version"].map { String($0.prefix { $0 != "-" && $0 != "," && $0 != " " }) },
                connections: fields["Connections"].flatMap { Int($0) } ?? 0, hasEndpoint: fields["Endpoint"] != nil))
    }
}
