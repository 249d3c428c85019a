// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel

/// The steps of a repair and of a replacement: nodes come, nodes go, and the cluster works on.
///
/// Which nodes go was decided when the operation began; each step looks at which of them are still on record.
extension ClusterSteps {
    func performMending(_ step: String, until deadline: Timestamp) async throws(Problem) {
        switch (operation.kind, step) {
        case (_, "fence"): try await destroy(try going())
        case (_, "provision"): try await provision()
        case (_, "join"): try await join(until: deadline)
        case (.repair, "leave"):
            try await takeOut(try going(), areLost: true, until: deadline)
            try await bury(try going())
        case (_, "leave"): try await letGo(until: deadline)
        case (_, "nodes"): try await bury(try going())
        case (_, "health"):
            // A node that cannot be replaced now keeps the cluster from being whole, and not this operation from its end.
            let isWhole = try !cluster().nodes.contains { $0.state == .lost }
            try await awaitHealth(until: deadline) { $0 == .healthy || !isWhole && $0 == .degraded }
        case (_, "endpoints"): try await revealEndpoints()
        default: throw Problem(.internal, "There is no step '\(step)'.")
        }
    }

    /// The nodes that go, as far as they are still there.
    private func going() throws(Problem) -> [Node] {
        let ids = Set(operation.nodes ?? [])
        return try cluster().nodes.filter { ids.contains($0.id) }
    }

    /// Members that still live leave one failure domain's share at a time, with those at hand that take their place.
    private func letGo(until deadline: Timestamp) async throws(Problem) {
        let nodes = try going()
        try await update { cluster in
            for index in cluster.nodes.indices where nodes.contains(where: { $0.id == cluster.nodes[index].id }) {
                if cluster.nodes[index].state != .lost { cluster.nodes[index].state = .leaving }
            }
        }
        let snapshot = ledger.snapshot
        let lost = nodes.filter { $0.state == .lost || snapshot.isDown($0.host) }
        try await takeOut(lost, areLost: true, until: deadline)
        try await takeOut(nodes.filter { node in !lost.contains { $0.id == node.id } }, areLost: false, until: deadline)
    }

    /// Tells the plugin to take nodes out of the engine.
    private func takeOut(_ nodes: [Node], areLost: Bool, until deadline: Timestamp) async throws(Problem) {
        guard !nodes.isEmpty else { return }
        conversation.onProgress(0, "taking out \(nodes.map(\.name).joined(separator: ", "))")
        let ids = Set(nodes.map(\.id))
        let new = try cluster().nodes.filter { $0.replaces.map(ids.contains) == true && $0.state != .lost }
        try await leave(nodes, isLost: areLost, replacedBy: new, until: deadline)
    }
}
