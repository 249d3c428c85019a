// SPDX-License-Identifier: Apache-2.0

import ImpresarioPluginKit

/// Takes nodes out of the swarm, those that answer and those that do not.
struct Departure {
    var engine: Engine

    func leave(_ call: borrowing Call, _ request: LeaveRequest) throws {
        let leaving = Set(request.nodes.map(\.id))
        let staying = call.context.nodes.filter { !leaving.contains($0.id) }
        guard staying.contains(where: { $0.role == Role.manager.rawValue }) else {
            throw PluginProblem(
                .precondition, code: "swarm.last-manager", "The last manager cannot leave; delete the cluster instead.", owner: .tenant)
        }
        let leader = try engine.manager(call, among: staying)
        let infos = try engine.info(call, request.isLost ? staying : call.context.nodes)
        let members = try engine.members(call, on: leader)
        let stayingIDs = Set(staying.compactMap { infos[$0.id]?.swarm.nodeID })
        for (done, node) in request.nodes.enumerated() {
            call.progress(Double(done) / Double(request.nodes.count), "Taking out \(node.name)")
            let known = members.filter { member in
                member.id == infos[node.id]?.swarm.nodeID || (member.hostname == node.name && !stayingIDs.contains(member.id))
            }
            if !request.isLost, let info = infos[node.id], info.swarm.state != .inactive {
                try depart(call, node, known.filter { $0.id == info.swarm.nodeID }, request.drainTime ?? .seconds(30), by: leader)
            }
            for member in known { try remove(call, member, by: leader) }
        }
        let rest = try engine.members(call, on: leader)
        if !rest.contains(where: { $0.role == .worker }) {
            try Membership(engine: engine).setAvailability(call, .active, of: rest.filter { $0.role == .manager }, by: leader)
        }
    }

    /// Work moves away as far as time allows, then the engine leaves.
    private func depart(_ call: borrowing Call, _ node: Node, _ members: [Member], _ drainTime: Duration, by leader: Node) throws {
        for member in members {
            try Membership(engine: engine).setAvailability(call, .drain, of: [member], by: leader)
            let isEmpty = try call.poll(upTo: drainTime, every: .milliseconds(500)) {
                let running = try engine.run(
                    call, node, ["docker", "ps", "--quiet", "--filter", "label=com.docker.swarm.task"], "list a node's tasks")
                return running.output.allSatisfy(\.isWhitespace)
            }
            if !isEmpty { call.log(.notice, "\(node.name) leaves with tasks that did not end in time") }
            if member.role == .manager { try demote(call, member, by: leader) }
        }
        try engine.run(call, node, ["docker", "swarm", "leave", "--force"], "be left by a node")
    }

    /// The managers forget a member, whatever state it is in.
    func remove(_ call: borrowing Call, _ member: Member, by leader: Node) throws {
        if member.role == .manager { try demote(call, member, by: leader) }
        // A manager is one until its demotion went through the quorum.
        var last: Outcome?
        let isGone = try call.poll(upTo: .seconds(30), every: .milliseconds(300)) {
            let outcome = try call.execute(Command(leader, ["docker", "node", "rm", "--force", member.id]))
            last = outcome
            return outcome.succeeded || outcome.error.contains("not found")
        }
        guard isGone || last == nil else { throw Engine.failure("forget a node", on: leader, last ?? Outcome(exitCode: 1)) }
    }

    private func demote(_ call: borrowing Call, _ member: Member, by leader: Node) throws {
        let outcome = try call.execute(Command(leader, ["docker", "node", "demote", member.id]))
        // After the quorum was lost and begun anew, old managers are such by name only.
        guard outcome.succeeded || outcome.error.contains("not found") || outcome.error.contains("raft memberlist") else {
            throw Engine.failure("demote a manager", on: leader, outcome)
        }
    }
}
