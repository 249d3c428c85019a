// SPDX-License-Identifier: Apache-2.0

import ImpresarioPluginKit

/// Brings a swarm back that lost its quorum: a survivor becomes the only manager, then the managers that still answer join it anew.
struct Recovery {
    var engine: Engine

    /// Managers elect a leader within this time, as long as most of them run.
    private static let election = Duration.seconds(30)

    /// - Returns: names of the managers that were taken out because nobody reaches them.
    /// - Throws: ``PluginProblem`` `precondition` when the node is no manager that runs, or there is a quorum.
    func recover(_ call: borrowing Call, from survivor: Node) throws -> [String] {
        let managers = call.context.nodes.filter { $0.role == Role.manager.rawValue && $0.state != "planned" }
        guard managers.contains(survivor), survivor.isReachable else {
            throw PluginProblem(
                .precondition, code: "swarm.not-a-manager", "\(survivor.name) is not a manager that runs; choose one that is.",
                field: "/node",
                owner: .tenant)
        }
        call.progress(0.1, "Looking for a quorum")
        let running = try members(call, among: managers)
        guard running.contains(survivor) else {
            throw PluginProblem(
                .precondition, code: "swarm.not-a-member", "The engine of \(survivor.name) is in no swarm, or does not answer.",
                field: "/node", owner: .tenant)
        }
        try refuseQuorum(call, managers, isPossible: running.count > managers.count / 2)

        call.progress(0.4, "Making \(survivor.name) the only manager")
        try engine.run(
            call, survivor, ["docker", "swarm", "init", "--force-new-cluster", "--advertise-addr", survivor.address],
            "be begun anew from \(survivor.name)")
        return try admitOthers(call, managers.filter { $0 != survivor }, running, by: survivor)
    }

    /// Managers whose engine runs and is in a swarm. Engines that look for a leader tell nothing of the swarm, so their files are asked.
    private func members(_ call: borrowing Call, among managers: [Node]) throws -> [Node] {
        let script = "timeout 8 docker version --format '{{.Server.Version}}' && test -s /var/lib/docker/swarm/docker-state.json"
        return try engine.ask(call, managers.filter(\.isReachable), timeout: .seconds(10), { _ in ["sh", "-c", script] }).compactMap {
            answer in
            if case .success(let outcome) = answer.result, outcome.succeeded { answer.node } else { nil }
        }
    }

    /// A quorum that is there, or will be after an election, must not be split.
    private func refuseQuorum(_ call: borrowing Call, _ managers: [Node], isPossible: Bool) throws {
        var leader: Node?
        _ = try call.poll(upTo: isPossible ? Self.election : .zero, every: .seconds(1)) {
            do {
                leader = try engine.manager(call, among: managers)
            } catch let problem as PluginProblem where problem.code == Engine.noQuorum {}
            return leader != nil
        }
        guard let leader else { return }
        throw PluginProblem(
            .precondition, code: "swarm.has-quorum",
            """
            The managers have a quorum (\(leader.name) answers with it), so nothing needs to be forced. Managers that are down come back by themselves \
            when their nodes do.
            """, owner: .tenant)
    }

    /// The survivor still knows the other managers: those that answer leave the old swarm and join, those that do not are forgotten.
    private func admitOthers(_ call: borrowing Call, _ others: [Node], _ running: [Node], by survivor: Node) throws
        -> [String]
    {
        var removed: [String] = []
        var returning: [Node] = []
        for (done, node) in others.enumerated() {
            call.progress(0.5 + 0.4 * Double(done) / Double(others.count), "Taking out the old \(node.name)")
            if running.contains(node) {
                try engine.run(call, node, ["docker", "swarm", "leave", "--force"], "be left by a node")
                returning.append(node)
            } else {
                removed.append(node.name)
            }
            for member in try engine.members(call, on: survivor) where member.hostname == node.name {
                try Departure(engine: engine).remove(call, member, by: survivor)
            }
        }
        if !returning.isEmpty { _ = try Membership(engine: engine).join(call, returning) }
        return removed
    }
}
