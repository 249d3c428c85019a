// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel

/// What has to happen to a cluster's nodes so that its groups are as planned.
///
/// Pure, and made from the nodes that exist and not from the counts on record: a cluster that an operation left half way is brought to what is
/// planned as well as one that is whole.
struct GroupDifference: Hashable, Sendable {
    struct Entry: Hashable, Sendable {
        /// As planned. A group that is to go has the count 0 and is on record until its last node has left.
        var group: NodeGroup
        var grows = 0
        var shrinks = 0
    }

    /// Those of the plan in its order, then those that it does not have any more.
    var entries: [Entry]

    var groups: [NodeGroup] { entries.map(\.group) }
    var grows: Bool { entries.contains { $0.grows > 0 } }
    var shrinks: Bool { entries.contains { $0.shrinks > 0 } }
    var isResize: Bool { grows || shrinks }

    /// - Parameter isUpgrade: nodes of groups with surge are replaced in any case.
    /// - Throws: `cannot-change` when nodes that stay would have to be of another kind.
    init(of cluster: Cluster, to planned: [NodeGroup], isUpgrade: Bool = false) throws(Problem) {
        let staying = Dictionary(grouping: cluster.nodes.filter { $0.state != .leaving && $0.replaces == nil }, by: \.group)
        entries = []
        for group in planned {
            let there = staying[group.name]?.count ?? 0
            if there == 0 && group.count == 0 && !cluster.nodes.contains(where: { $0.group == group.name }) { continue }
            if there > 0, group.count > 0, let now = cluster.groups.first(where: { $0.name == group.name }) {
                try Self.check(now, to: group, isReplaced: isUpgrade && (group.surge ?? 0) > 0)
            }
            entries.append(Entry(group: group, grows: max(0, group.count - there), shrinks: max(0, there - group.count)))
        }
        for var group in cluster.groups where !planned.contains(where: { $0.name == group.name }) {
            guard cluster.nodes.contains(where: { $0.group == group.name }) else { continue }
            group.count = 0
            group.surge = nil
            entries.append(Entry(group: group, shrinks: staying[group.name]?.count ?? 0))
        }
    }

    private static func check(_ now: NodeGroup, to planned: NodeGroup, isReplaced: Bool) throws(Problem) {
        func refuse(_ what: String, _ old: String, _ new: String) -> Problem {
            Problem(
                .cannotChange, "The \(what) of group '\(now.name)' would change from '\(old)' to '\(new)', and its nodes exist already.",
                remedy: "Leave it as it is, or make another cluster.",
                facts: ["group": .string(now.name), "old": .string(old), "new": .string(new)])
        }
        if now.flavor != planned.flavor { throw refuse("flavor", now.flavor, planned.flavor) }
        if now.role != planned.role { throw refuse("role", now.role, planned.role) }
        if !isReplaced, Set(now.packages) != Set(planned.packages) {
            throw refuse("set of packages", now.packages.joined(separator: " "), planned.packages.joined(separator: " "))
        }
    }
}

extension NodeGroup {
    /// As it is recorded, with what the plugin left out.
    init(planned group: ClusterPlan.Group) {
        self.init(
            name: group.name, role: group.role, count: group.count, flavor: group.flavor, packages: group.packages ?? [],
            batch: max(1, group.batch ?? 1), spread: group.spread,
            disruption: group.disruption.map {
                NodeGroup.Disruption(maxUnavailable: max(1, $0.max_unavailable ?? 1), quorum: $0.quorum ?? false)
            }, surge: group.surge)
    }
}
