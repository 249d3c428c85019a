// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import ImpresarioPluginKit

/// Asks and tells the engines in the nodes. Holds nothing: what is so, the engines know.
struct Engine {
    /// One command on each node, all at once; a node that cannot be reached takes no other one's answer with it.
    func ask(
        _ call: borrowing Call, _ nodes: [Node], timeout: Duration, _ arguments: (Node) -> [String]
    ) throws(PluginProblem) -> [(node: Node, result: Result<Outcome, PluginProblem>)] {
        let commands = nodes.map { Command($0, arguments($0), timeout: timeout) }
        do {
            return zip(nodes, try call.execute(commands)).map { ($0, .success($1)) }
        } catch {
            guard error.status == .unavailable || error.status == .notFound else { throw error }
        }
        var answers: [(node: Node, result: Result<Outcome, PluginProblem>)] = []
        for (node, command) in zip(nodes, commands) {
            do {
                answers.append((node, .success(try call.execute(command))))
            } catch {
                guard error.status == .unavailable || error.status == .notFound else { throw error }
                answers.append((node, .failure(error)))
            }
        }
        return answers
    }

    /// What each reachable node's engine says of itself; nodes whose engine does not answer are missing.
    func info(_ call: borrowing Call, _ nodes: [Node]) throws -> [String: EngineInfo] {
        var infos: [String: EngineInfo] = [:]
        for answer in try ask(
            call, nodes.filter(\.isReachable), timeout: .seconds(20), { _ in ["docker", "info", "--format", EngineInfo.format] })
        {
            guard case .success(let outcome) = answer.result, outcome.succeeded else { continue }
            let info = try JSONDecoder().decode(EngineInfo.self, from: Data(outcome.output.utf8))
            if !info.version.isEmpty { infos[answer.node.id] = info }
        }
        return infos
    }

    /// Waits until every engine answers; one that does not fails with what it said last.
    ///
    /// - Parameter first: a command that is run on a further node at the same time, and must succeed.
    func awaitEngines(
        _ call: borrowing Call, _ nodes: [Node], beside first: (node: Node, arguments: [String], purpose: String)? = nil
    ) throws -> [String: EngineInfo] {
        // An engine listens before it answers: once its socket is there, the first question waits for the answer. Asking again and again takes
        // the processor from an engine that starts. A client of another version may answer without an engine: with an empty version, and 0.
        let wait = """
            i=0
            until [ -S /run/docker.sock ]; do i=$((i+1)); [ $i -lt 600 ] || exit 1; sleep 0.05; done
            i=0
            until docker info --format "$1" 2>/dev/null | grep '"version":"[^"]'; do
                i=$((i+1)); [ $i -lt 300 ] || exit 1; sleep 0.1
            done
            """
        let all = (first.map { [$0.node] } ?? []) + nodes
        var infos: [String: EngineInfo] = [:]
        for answer in try ask(
            call, all, timeout: .seconds(60),
            { $0 == first?.node ? first?.arguments ?? [] : ["sh", "-c", wait, "wait", EngineInfo.format] })
        {
            let outcome = try answer.result.get()
            if let first, answer.node == first.node {
                guard outcome.succeeded else { throw Self.failure(first.purpose, on: answer.node, outcome) }
                continue
            }
            guard outcome.succeeded, let line = outcome.output.split(separator: "\n").last else {
                try call.declare(Daemon.watchedService(try call.context.cluster.params.decoded(as: Parameters.self)), on: answer.node)
                throw Self.failure("start an engine", on: answer.node, outcome)
            }
            infos[answer.node.id] = try JSONDecoder().decode(EngineInfo.self, from: Data(line.utf8))
        }
        return infos
    }

    /// The code of the problem that no manager has a quorum.
    static let noQuorum = "swarm.no-quorum"

    /// A manager that has a quorum behind it.
    ///
    /// - Throws: ``PluginProblem`` when none answers so.
    func manager(_ call: borrowing Call, among nodes: [Node]) throws -> Node {
        let candidates = nodes.filter { $0.role == Role.manager.rawValue && $0.isReachable }
        for answer in try ask(call, candidates, timeout: .seconds(8), { _ in ["docker", "node", "ls", "--quiet"] }) {
            if case .success(let outcome) = answer.result, outcome.succeeded { return answer.node }
        }
        throw PluginProblem(
            .unavailable, code: Self.noQuorum,
            "No manager of the swarm answers with a quorum behind it. When most managers are down for good, `force-new-cluster` goes on with one that is left.",
            owner: .infrastructure)
    }

    /// All members, as a manager knows them.
    func members(_ call: borrowing Call, on manager: Node) throws -> [Member] {
        let script = "timeout 15 docker node inspect $(timeout 15 docker node ls --quiet) --format \"$1\""
        let outcome = try run(call, manager, ["sh", "-c", script, "members", Member.format], "list the swarm's members")
        return try Self.members(inLines: outcome.output.split(separator: "\n"))
    }

    /// What the managers know of a node.
    ///
    /// - Throws: ``PluginProblem`` `precondition` when it is no member.
    func member(_ call: borrowing Call, _ node: Node, on manager: Node) throws -> Member {
        let own = try info(call, [node])[node.id]?.swarm.nodeID
        let members = try members(call, on: manager)
        guard let member = members.first(where: { $0.id == own }) ?? members.first(where: { $0.hostname == node.name }) else {
            throw PluginProblem(
                .precondition, code: "swarm.not-a-member", "\(node.name) is no member of the swarm.", field: "/node", owner: .tenant)
        }
        return member
    }

    /// Ids of the members that the managers see ready.
    func readyMembers(_ call: borrowing Call, on manager: Node) throws -> Set<String> {
        let outcome = try run(call, manager, ["docker", "node", "ls", "--format", "{{.ID}} {{.Status}}"], "list the swarm's members")
        return Set(
            outcome.output.split(separator: "\n").filter { $0.hasSuffix(" Ready") }.compactMap {
                $0.split(separator: " ").first.map(String.init)
            })
    }

    static func members(inLines lines: [Substring]) throws -> [Member] {
        try lines.map { try JSONDecoder().decode(Member.self, from: Data($0.utf8)) }
    }

    /// The token that admits nodes of a role.
    ///
    /// - Parameter rotating: makes a new one; the old one admits nobody any more.
    func joinToken(_ call: borrowing Call, _ role: Role, rotating: Bool = false, on manager: Node) throws -> String {
        let arguments = ["docker", "swarm", "join-token"] + (rotating ? ["--rotate"] : []) + ["--quiet", role.rawValue]
        let outcome = try run(call, manager, arguments, "read the join token")
        return outcome.output.filter { !$0.isWhitespace }
    }

    /// Runs a command that must succeed.
    ///
    /// - Parameter purpose: completes "The swarm could not …".
    @discardableResult
    func run(
        _ call: borrowing Call, _ node: Node, _ arguments: [String], _ purpose: String, timeout: Duration = .seconds(60)
    ) throws(PluginProblem) -> Outcome {
        let outcome = try call.execute(Command(node, arguments, timeout: timeout))
        guard outcome.succeeded else { throw Self.failure(purpose, on: node, outcome) }
        return outcome
    }

    static func failure(_ purpose: String, on node: Node, _ outcome: Outcome) -> PluginProblem {
        PluginProblem(
            .unavailable, code: "swarm.engine-failed", "The swarm could not \(purpose) (node \(node.name)).",
            detail: "\(node.name): \(outcome.complaint)", owner: .infrastructure)
    }
}
