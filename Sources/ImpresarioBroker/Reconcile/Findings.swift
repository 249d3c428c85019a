// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel

/// What the broker itself knows of a cluster, beside what its plugin reports.
extension Cluster {
    private static let findings: Set = [
        "NodesLost", "QuorumLost", Condition.changeFailed, Condition.repairFailed, Condition.replaceFailed,
    ]

    /// Puts the broker's own conditions in place of those that it told before.
    ///
    /// - Parameters:
    ///   - operation: the cluster's last one.
    ///   - reported: what its plugin has just said: that stays, also where it has the type of a finding.
    mutating func setFindings(after operation: Operation?, reported: [Condition] = []) {
        conditions.removeAll { Self.findings.contains($0.type) && !reported.contains($0) }
        let lost = nodes.filter { $0.state == .lost }.map(\.name)
        if !lost.isEmpty {
            let (subject, verb) = lost.count == 1 ? ("Node", "is") : ("Nodes", "are")
            conditions.append(
                Condition(
                    type: "NodesLost", severity: .warning,
                    message: "\(subject) \(lost.joined(separator: ", ")) \(verb) lost and will be replaced when that is possible."))
            if health == .healthy { health = .degraded }
        }
        do throws(Problem) { try Mending.checkQuorum(self) } catch {
            conditions.removeAll { $0.type == "QuorumLost" }
            conditions.append(Condition(type: "QuorumLost", severity: .error, message: error.message))
        }
        conditions += operation?.conditions ?? []
    }
}
