// SPDX-License-Identifier: Apache-2.0

import ImpresarioInfrastructure
import ImpresarioModel

/// The steps of hibernation and of the way back. Groups stop in reverse order and start in order, since later ones lean on earlier ones.
extension ClusterSteps {
    private static let grace = Duration.seconds(30)

    /// No command of an operation runs on, and every node that the driver has stops. What was a member is `stopped` on record.
    func stopNodes() async throws(Problem) {
        for group in try cluster().groups.reversed() {
            let nodes = try cluster().nodes.filter { $0.group == group.name && $0.isThere }
            conversation.onProgress(0, "stopping \(nodes.map(\.name).joined(separator: ", "))")
            _ = try await concurrently(nodes, limit: parts.parallelism) { (node) async throws(Problem) in
                try await parts.driver(of: node).stop(node.id, grace: Self.grace)
            }
            try await mark(group.name, from: .joined, as: .stopped)
        }
    }

    func startNodes() async throws(Problem) {
        for group in try cluster().groups {
            let nodes = try cluster().nodes.filter { $0.group == group.name && $0.isThere }
            conversation.onProgress(0, "starting \(nodes.map(\.name).joined(separator: ", "))")
            _ = try await concurrently(nodes, limit: parts.parallelism) { (node) async throws(Problem) in
                try await parts.driver(of: node).start(node.id)
            }
            try await mark(group.name, from: .stopped, as: .joined)
        }
    }

    private func mark(_ group: String, from old: Node.State, as new: Node.State) async throws(Problem) {
        try await update { cluster in
            for index in cluster.nodes.indices where cluster.nodes[index].group == group && cluster.nodes[index].state == old {
                cluster.nodes[index].state = new
            }
        }
    }
}

extension Node {
    /// The driver has it, as far as is on record.
    fileprivate var isThere: Bool { state != .planned && state != .lost }
}
