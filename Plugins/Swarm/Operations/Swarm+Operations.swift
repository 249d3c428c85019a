// SPDX-License-Identifier: Apache-2.0

import ImpresarioPluginKit

/// What tenants can do beside the verbs.
extension Swarm {
    var rotateJoinTokens: TypedOperation {
        TypedOperation(
            "rotate-join-tokens",
            summary: "Makes a new token for nodes of one role; the old one admits nobody any more.", flags: [.idempotent],
            Parameter<String>("role", "Whose token: manager or worker.", schema: ["type": "string", "enum": ["manager", "worker"]]),
            returns: Parameter<String>("token", "The new token.", isSecret: true)
        ) { call, role in
            guard let role = Role(rawValue: role) else {
                throw PluginProblem(
                    .invalid, code: "swarm.unknown-role", "The role is '\(role)'; it must be 'manager' or 'worker'.", field: "/role",
                    owner: .tenant)
            }
            let engine = Engine()
            return try engine.joinToken(call, role, rotating: true, on: try engine.manager(call, among: call.context.nodes))
        }
    }

    var setAvailability: TypedOperation {
        TypedOperation(
            "set-availability",
            summary: "Says whether a node may run work: active takes it, pause keeps what it has, drain gives it to others.",
            flags: [.idempotent],
            Parameter<NodeID>("node", "Which node."),
            Parameter<String>(
                "availability", "active, pause or drain.", schema: ["type": "string", "enum": ["active", "pause", "drain"]]),
            returns: Parameter<String>("before", "What it was.")
        ) { call, node, availability in
            guard let wanted = Member.Availability(rawValue: availability) else {
                throw PluginProblem(
                    .invalid, code: "swarm.unknown-availability",
                    "The availability is '\(availability)'; it must be 'active', 'pause' or 'drain'.", field: "/availability",
                    owner: .tenant)
            }
            let engine = Engine()
            let leader = try engine.manager(call, among: call.context.nodes)
            let member = try engine.member(call, try node.node(in: call.context), on: leader)
            try Membership(engine: engine).setAvailability(call, wanted, of: [member], by: leader)
            return member.availability.rawValue
        }
    }

    var forceNewCluster: TypedOperation {
        TypedOperation(
            "force-new-cluster",
            summary: "Makes one manager the only one, with all that it knows, after most managers were lost for good.",
            flags: [.destructive, .long],
            Parameter<NodeID>("node", "The manager that goes on. What was changed while it was cut off is lost."),
            returns: Parameter<[String]>("removed", "Managers that the cluster has no more.")
        ) { call, node in
            try Recovery(engine: Engine()).recover(call, from: try node.node(in: call.context))
        }
    }
}

extension NodeID {
    /// The host has checked that there is one; it may be another call's document all the same.
    fileprivate func node(in context: Context) throws(PluginProblem) -> Node {
        guard let node = context.nodes.first(where: { $0.id == rawValue }) else {
            throw PluginProblem(
                .invalid, code: "swarm.unknown-node", "The cluster has no node '\(rawValue)'.", field: "/node", owner: .tenant)
        }
        return node
    }
}
