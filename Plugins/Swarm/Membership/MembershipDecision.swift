// SPDX-License-Identifier: Apache-2.0

import ImpresarioPluginKit

/// What is to be done so that nodes become members, decided from what their engines say. Interrupted attempts are continued this way: nothing is
/// remembered, everything is looked up.
struct MembershipDecision: Hashable, Sendable {
    /// Where a new swarm is begun; nil when there is one.
    var initialize: Node?
    /// Half joined or member of something else: they leave that first.
    var reset: [Node] = []
    var joinManagers: [Node] = []
    var joinWorkers: [Node] = []

    /// - Parameters:
    ///   - nodes: those that shall be members.
    ///   - infos: what their engines say, by node id.
    ///   - members: ids of the swarm's members; nil when there is no swarm yet.
    init(nodes: [Node], infos: [String: EngineInfo], members: Set<String>?) {
        let ordered = nodes.sorted { ($0.ordinal, $0.id) < ($1.ordinal, $1.id) }
        let outside = ordered.filter { node in
            guard let swarm = infos[node.id]?.swarm, swarm.state == .active, let members else { return true }
            return !members.contains(swarm.nodeID)
        }
        reset = outside.filter { node in infos[node.id].map { $0.swarm.state != .inactive } ?? false }
        if members == nil { initialize = outside.first { $0.role == Role.manager.rawValue } }
        joinManagers = outside.filter { $0.role == Role.manager.rawValue && $0 != initialize }
        joinWorkers = outside.filter { $0.role != Role.manager.rawValue }
    }

    var isEmpty: Bool { initialize == nil && joinManagers.isEmpty && joinWorkers.isEmpty }
}
