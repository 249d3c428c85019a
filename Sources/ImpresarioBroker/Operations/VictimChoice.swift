// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel

/// Which nodes go when a group shrinks: those that are missed least, as its plugin tells.
///
/// Pure. First nodes that never became members, then lost ones; of members that vote, those that are away before those that work; then the plugin's
/// `removal_cost`, and of equal ones the highest ordinal. Never one that the plugin says is not removable, and never so many that the
/// members that work are no majority at any moment of their leaving one after another.
enum VictimChoice {
    /// - Parameters:
    ///   - members: the nodes of the group that are not leaving yet.
    ///   - reports: of the newest health report, by id of node. What it does not tell does not keep a node.
    /// - Throws: `not-removable` that names what stays and why.
    static func choose(
        _ count: Int, from group: NodeGroup, members: [Node], reports: [String: HealthReport.NodeReport]
    ) throws(Problem) -> [Node] {
        let isQuorum = group.disruption?.quorum ?? false
        func report(_ node: Node) -> HealthReport.NodeReport? { reports[node.id.rawValue] }
        func works(_ node: Node) -> Bool { node.state == .joined && report(node)?.state != .down && report(node)?.state != .unknown }
        func rank(_ node: Node) -> (Int, Int, Int) {
            let kind: Int
            switch node.state {
            case .planned: kind = 0
            case .running: kind = 1
            case .lost: kind = 2
            default: kind = isQuorum && !works(node) ? 2 : 3
            }
            return (kind, report(node)?.removal_cost ?? 0, -node.ordinal)
        }
        var voting = members.filter { $0.state != .planned && $0.state != .running }
        var chosen: [Node] = []
        var kept: [(node: Node, why: String)] = []
        for node in members.sorted(by: { rank($0) < rank($1) }) where chosen.count < count {
            if node.state != .planned, report(node)?.removable == false {
                kept.append((node, report(node)?.reason ?? "the cluster needs it"))
                continue
            }
            if isQuorum, voting.contains(where: { $0.id == node.id }) {
                let rest = voting.filter { $0.id != node.id }
                guard isMajority(voting.count(where: works), of: voting.count),
                    rest.isEmpty || isMajority(rest.count(where: works), of: rest.count)
                else {
                    kept.append((node, "the group's majority needs it"))
                    continue
                }
                voting = rest
            }
            chosen.append(node)
        }
        guard chosen.count == count else { throw refusal(count, group, chosen, kept) }
        return chosen
    }

    private static func isMajority(_ working: Int, of all: Int) -> Bool { working * 2 > all }

    private static func refusal(_ count: Int, _ group: NodeGroup, _ chosen: [Node], _ kept: [(node: Node, why: String)]) -> Problem {
        let reasons = kept.prefix(5).map { "\($0.node.name): \($0.why)" }.joined(separator: "; ")
        return Problem(
            .notRemovable,
            "\(count) of the nodes of group '\(group.name)' have to go and \(chosen.count) can\(reasons.isEmpty ? "" : " (\(reasons))").",
            remedy: "Keep more nodes, or wait until the cluster is healthy.",
            facts: [
                "group": .string(group.name), "asked": .integer(Int64(count)), "removable": .integer(Int64(chosen.count)),
                "kept": .object(Dictionary(kept.map { ($0.node.name, .string($0.why)) }, uniquingKeysWith: { $1 })),
            ])
    }
}
