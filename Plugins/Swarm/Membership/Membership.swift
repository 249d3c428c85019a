// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import ImpresarioPluginKit

/// Makes nodes members of the swarm, the first ones included.
struct Membership {
    var engine: Engine

    func bootstrap(_ call: borrowing Call) throws -> JoinResult {
        let nodes = call.context.nodes
        let managers = nodes.filter { $0.role == Role.manager.rawValue }
        let workers = nodes.filter { $0.role != Role.manager.rawValue }
        try start(call, nodes)
        let infos = try engine.awaitEngines(call, managers)
        // An earlier attempt may have begun a swarm: then its manager answers with a quorum.
        let begun = managers.contains { infos[$0.id]?.swarm.hasControl == true }
        let leader = begun ? try? engine.manager(call, among: managers) : nil
        let members = try leader.map { Set(try engine.members(call, on: $0).map(\.id)) }
        var decision = MembershipDecision(nodes: managers, infos: infos, members: members)
        try reset(call, decision.reset)
        guard let leader = leader ?? decision.initialize else {
            throw PluginProblem(.internal, code: "swarm.no-manager", "The plan has no manager.", owner: .plugin)
        }
        // The workers' engines have been starting beside all that.
        if decision.initialize != nil { call.progress(0.5, "Beginning the swarm") }
        let beginning = try decision.initialize.map { (node: $0, arguments: try initialization(call, on: $0), purpose: "be begun") }
        let rest = MembershipDecision(
            nodes: workers, infos: try engine.awaitEngines(call, workers, beside: beginning), members: members)
        try reset(call, rest.reset)
        decision.joinWorkers = rest.joinWorkers
        return try admit(call, decision, nodes, by: leader)
    }

    func join(_ call: borrowing Call, _ nodes: [Node]) throws -> JoinResult {
        let joining = Set(nodes.map(\.id))
        let leader = try engine.manager(call, among: call.context.nodes.filter { !joining.contains($0.id) })
        try start(call, nodes)
        let infos = try engine.awaitEngines(call, nodes)
        var members = try engine.members(call, on: leader)
        let present = Set(infos.values.map(\.swarm.nodeID))
        // A replacement bears the name of the node that it replaces.
        let names = Set(nodes.map(\.name))
        for stale in members where names.contains(stale.hostname) && !present.contains(stale.id) {
            try Departure(engine: engine).remove(call, stale, by: leader)
        }
        members = members.filter { present.contains($0.id) || !names.contains($0.hostname) }
        let hadWorkers = members.contains { $0.role == .worker }
        let decision = MembershipDecision(nodes: nodes, infos: infos, members: Set(members.map(\.id)))
        try reset(call, decision.reset)
        let result = try admit(call, decision, nodes, by: leader)
        if !hadWorkers, nodes.contains(where: { $0.role == Role.worker.rawValue }) {
            try setAvailability(call, .drain, of: members.filter { $0.role == .manager }, by: leader)
        }
        return result
    }

    /// Engines begin to run and, on managers, endpoints run.
    private func start(_ call: borrowing Call, _ nodes: [Node]) throws {
        call.progress(0.1, "Starting \(nodes.count) engines")
        // Declared without a readiness: the endpoints are set up while the engines start.
        try call.declare(Daemon.service(try call.context.cluster.params.decoded(as: Parameters.self)), on: nodes)
        let managers = nodes.filter { $0.role == Role.manager.rawValue }
        try Access(engine: engine).refresh(call, managers)
        call.progress(0.3, "Waiting for \(nodes.count) engines")
    }

    /// The engine forgets what it was a member of.
    private func reset(_ call: borrowing Call, _ nodes: [Node]) throws {
        for answer in try engine.ask(call, nodes, timeout: .seconds(60), { _ in ["docker", "swarm", "leave", "--force"] }) {
            if case .failure(let problem) = answer.result { throw problem }
        }
    }

    /// The command that begins a swarm.
    private func initialization(_ call: borrowing Call, on node: Node) throws -> [String] {
        let params = try call.context.cluster.params.decoded(as: Parameters.self)
        return [
            "docker", "swarm", "init", "--advertise-addr", node.address, "--availability", availability(call, of: node).rawValue,
            "--default-addr-pool", params.addressPool, "--default-addr-pool-mask-length", String(params.subnetSize),
        ]
    }

    /// Joins what the decision says, then waits until the managers see all of `nodes`.
    private func admit(_ call: borrowing Call, _ decision: MembershipDecision, _ nodes: [Node], by leader: Node) throws -> JoinResult {
        try call.checkCancellation()
        var isPending = false
        if !decision.joinManagers.isEmpty {
            let token = try engine.joinToken(call, .manager, on: leader)
            // One at a time: each changes the quorum.
            for (done, node) in decision.joinManagers.enumerated() {
                call.progress(0.5 + 0.2 * Double(done) / Double(decision.joinManagers.count), "Joining \(node.name)")
                if try !join(call, [node], token, leader) { isPending = true }
            }
        }
        if !decision.joinWorkers.isEmpty {
            call.progress(0.7, "Joining \(decision.joinWorkers.count) workers")
            let token = try engine.joinToken(call, .worker, on: leader)
            if try !join(call, decision.joinWorkers, token, leader) { isPending = true }
        }
        // While the cluster is being made its health is waited for next: that the engines said yes is enough here.
        if call.context.operation.kind == "create" && !isPending { return JoinResult(joined: nodes.map(\.id)) }
        call.progress(0.8, "Waiting for the managers to see \(nodes.count) nodes")
        var joined: [String] = []
        var infos: [String: EngineInfo] = [:]
        let isComplete = try call.poll(upTo: .seconds(60), every: .milliseconds(100)) {
            // A node that is a member keeps its id; only the managers' view of it still changes.
            infos.merge(try engine.info(call, nodes.filter { infos[$0.id]?.swarm.state != .active })) { $1 }
            let ready = try engine.readyMembers(call, on: leader)
            joined = nodes.map(\.id).filter { infos[$0].map { $0.swarm.state == .active && ready.contains($0.swarm.nodeID) } ?? false }
            return joined.count == nodes.count
        }
        if !isComplete { call.log(.warning, "\(nodes.count - joined.count) of \(nodes.count) nodes are not ready yet") }
        return JoinResult(joined: joined)
    }

    /// - Returns: whether every node is a member now; a slow join goes on in the background.
    private func join(_ call: borrowing Call, _ nodes: [Node], _ token: String, _ leader: Node) throws -> Bool {
        // The token goes in by stdin: arguments can be logged.
        let script = "read -r token; exec docker swarm join --token \"$token\" --advertise-addr \"$1\" --availability \"$2\" \"$3\""
        let commands = nodes.map { node in
            Command(
                node,
                [
                    "sh", "-c", script, "join", node.address, availability(call, of: node).rawValue,
                    "\(leader.address):\(Daemon.clusterPort)",
                ], input: Data("\(token)\n".utf8), timeout: .seconds(90))
        }
        let outcomes = try call.execute(commands)
        for (node, outcome) in zip(nodes, outcomes) where !outcome.succeeded {
            // The engine says so, and the wait that follows sees it.
            guard outcome.error.contains("in the background") else { throw Engine.failure("admit a node", on: node, outcome) }
        }
        return outcomes.allSatisfy(\.succeeded)
    }

    /// Managers do no work when there are workers.
    private func availability(_ call: borrowing Call, of node: Node) -> Member.Availability {
        let hasWorkers = call.context.nodes.contains { $0.role == Role.worker.rawValue }
        return node.role == Role.manager.rawValue && hasWorkers ? .drain : .active
    }

    func setAvailability(_ call: borrowing Call, _ availability: Member.Availability, of members: [Member], by leader: Node) throws {
        for member in members where member.availability != availability {
            try engine.run(
                call, leader, ["docker", "node", "update", "--availability", availability.rawValue, member.id],
                "change a node's availability")
        }
    }
}
