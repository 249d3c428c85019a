// SPDX-License-Identifier: Apache-2.0

import ImpresarioPluginKit

/// What an ensemble can do beside the verbs.
enum Operations {
    static let all = [serverStats, fourLetterWord, restartServer]

    private static let serverStats = TypedOperation(
        "server-stats", summary: "What one server tells of itself, as numbers.", flags: [.readOnly, .idempotent],
        Parameter<NodeID>("node", "Which server."),
        returns: Parameter<JSONValue>("stats", "What it answers to 'mntr'.")
    ) { call, node in
        let text = try ask(call, try member(node, call.context), "mntr")
        var stats: [String: JSONValue] = [:]
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: "\t", maxSplits: 1).map(String.init)
            guard parts.count == 2 else { continue }
            stats[parts[0]] = Int64(parts[1]).map(JSONValue.integer) ?? Double(parts[1]).map(JSONValue.number) ?? .string(parts[1])
        }
        return .object(stats)
    }

    private static let fourLetterWord = TypedOperation(
        "four-letter-word", summary: "What one server answers to a word; none of them changes anything.", flags: [.readOnly, .idempotent],
        Parameter<NodeID>("node", "Which server."),
        Parameter<String>(
            "word", "The question.", default: "srvr", schema: ["type": "string", "enum": .array(Server.words.map(JSONValue.string))]),
        returns: Parameter<String>("answer", "As the server said it.")
    ) { call, node, word in
        guard Server.words.contains(word) else {
            throw PluginProblem(
                .invalid, code: "zookeeper.unknown-word", "'\(word)' is none of \(Server.words.joined(separator: ", ")).", field: "/word",
                owner: .tenant)
        }
        return try ask(call, try member(node, call.context), word)
    }

    private static let restartServer = TypedOperation(
        "restart-server", summary: "Starts one server anew; refused when the others would have no quorum meanwhile.", flags: [.long],
        Parameter<NodeID>("node", "Which server."),
        returns: Parameter<String>("mode", "What it is afterwards: leader or follower.")
    ) { call, node in
        let node = try member(node, call.context)
        let nodes = call.context.nodes
        let seen = try Observer().observe(call, nodes)
        let others = nodes.count { $0.id != node.id && seen[$0.id]?.isServing == true }
        guard nodes.count == 1 || others > nodes.count / 2 else {
            throw PluginProblem(
                .precondition, code: "zookeeper.no-quorum", "Without \(node.name) only \(others) of \(nodes.count) servers would serve.",
                owner: .tenant)
        }
        let before = try process(call, node)
        let outcome = try call.execute(Command(node, ["kill", before]))
        guard outcome.succeeded else { throw failure(node, outcome) }
        var mode: String?
        _ = try call.poll(upTo: .seconds(60), every: .milliseconds(300)) {
            guard case .answering(let answer)? = try Observer().observe(call, [node])[node.id], let now = try? process(call, node) else {
                return false
            }
            mode = now == before ? nil : answer.mode
            return mode != nil
        }
        guard let mode else {
            throw PluginProblem(.unavailable, code: "zookeeper.restart", "The server on \(node.name) did not come back within a minute.")
        }
        return mode
    }

    private static func member(_ id: NodeID, _ context: Context) throws(PluginProblem) -> Node {
        guard let node = context.nodes.first(where: { $0.id == id.rawValue }) else {
            throw PluginProblem(.notFound, code: "zookeeper.no-node", "There is no node '\(id.rawValue)'.", field: "/node")
        }
        return node
    }

    private static func ask(_ call: borrowing Call, _ node: Node, _ word: String) throws(PluginProblem) -> String {
        let outcome = try call.execute(Command(node, ["bash", "-c", Observer.question(word)], timeout: .seconds(10)))
        guard outcome.succeeded, !outcome.output.isEmpty else { throw failure(node, outcome) }
        return outcome.output
    }

    /// The id of the server's process.
    private static func process(_ call: borrowing Call, _ node: Node) throws(PluginProblem) -> String {
        let script = """
            for process in /proc/[0-9]*; do
                tr '\\0' '\\n' <"$process/cmdline" 2>/dev/null | grep -qx org.apache.zookeeper.server.quorum.QuorumPeerMain || continue
                case "$(readlink "$process/exe")" in */java) echo "${process#/proc/}"; exit ;; esac
            done
            exit 1
            """
        let outcome = try call.execute(Command(node, ["sh", "-c", script]))
        guard outcome.succeeded else { throw failure(node, outcome) }
        return outcome.output.trimmed
    }

    private static func failure(_ node: Node, _ outcome: Outcome) -> PluginProblem {
        PluginProblem(.unavailable, code: "zookeeper.silent", "The server on \(node.name) does not answer.", detail: outcome.complaint)
    }
}

extension String {
    fileprivate var trimmed: String { String(filter { !$0.isWhitespace }) }
}
