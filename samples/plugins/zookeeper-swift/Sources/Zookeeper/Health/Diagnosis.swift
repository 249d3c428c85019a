// SPDX-License-Identifier: Apache-2.0

import ImpresarioPluginKit

/// What observations mean: a pure function from what was seen to a report.
struct Diagnosis {
    var nodes: [Node]
    /// By node id; nodes that were not looked at are missing.
    var observations: [String: Observation]

    func report() -> HealthReport {
        let reports = nodes.map(report(on:))
        var conditions: [HealthReport.Condition] = []
        for (node, report) in zip(nodes, reports) where report.state == .down {
            conditions.append(.init(type: "ServerDown", severity: .warning, message: "\(node.name) is down: \(report.reason ?? "")"))
        }
        for node in nodes {
            guard case .answering(let answer) = observations[node.id], !answer.hasEndpoint else { continue }
            conditions.append(
                .init(type: "EndpointDown", severity: .warning, message: "The TLS endpoint on \(node.name) does not accept connections."))
        }
        conditions += quorumConditions
        let hasRoom = nodes.contains {
            if case .answering(let answer) = observations[$0.id] { answer.mode != nil && answer.hasEndpoint } else { false }
        }
        let isWhole = conditions.isEmpty && reports.allSatisfy { $0.state == .ready }
        return HealthReport(
            health: leaders != 1 || !hasRoom ? .unhealthy : isWhole ? .healthy : .degraded, conditions: conditions, nodes: reports,
            version: nodes.lazy.compactMap { if case .answering(let answer) = observations[$0.id] { answer.version } else { nil } }.first)
    }

    private var serving: Int { nodes.count { observations[$0.id]?.isServing == true } }

    private var leaders: Int { nodes.count { observations[$0.id]?.isLeader == true } }

    private var quorumConditions: [HealthReport.Condition] {
        guard leaders == 1 else {
            let what = leaders == 0 ? "no leader" : "\(leaders) leaders"
            return [
                .init(
                    type: "QuorumLost", severity: .error,
                    message:
                        "\(serving) of \(nodes.count) servers serve and there is \(what): nothing can be read or changed. Bring servers back."
                )
            ]
        }
        guard nodes.count > 1, serving < nodes.count else { return [] }
        let spare = serving - nodes.count / 2 - 1
        return [
            .init(
                type: "QuorumAtRisk", severity: .warning,
                message: "\(serving) of \(nodes.count) servers serve; \(spare <= 0 ? "no further one" : "only \(spare) more") may fail.")
        ]
    }

    private func report(on node: Node) -> HealthReport.NodeReport {
        let isRemovable = nodes.count > 1 && serving - (observations[node.id]?.isServing == true ? 1 : 0) > nodes.count / 2
        func report(_ state: HealthReport.NodeReport.State, _ reason: String?, cost: Int? = nil) -> HealthReport.NodeReport {
            .init(id: node.id, state: state, removable: isRemovable, removalCost: cost, reason: reason)
        }
        switch observations[node.id] {
        case nil where node.state == "planned": return report(.starting, "It is not made yet.")
        case nil: return report(.down, "It is \(node.state).")
        case .unreachable(let why): return report(.down, why)
        case .silent: return report(.down, "Its server does not answer.")
        case .answering(let answer) where answer.mode == nil: return report(.unknown, "Its server has no quorum.")
        case .answering(let answer) where answer.mode == "observer": return report(.starting, "Its server has no vote yet.")
        case .answering(let answer): return report(.ready, nil, cost: answer.connections + (answer.mode == "leader" ? 100 : 0))
        }
    }
}
