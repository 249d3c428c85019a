// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel

/// The beginning of a repair or a replacement, for whoever decides it: the reconciler, a drain, a person.
///
/// Pure; what it decides is one commit, so that the new nodes have their place before anything is done.
struct Mending {
    let snapshot: Snapshot
    let ids: IdentifierSource
    let now: Timestamp

    /// Begins to put new nodes in the place of dead ones.
    ///
    /// - Parameter dead: beside those that are on record as lost.
    /// - Throws: `not-ready`, `conflict`, `no-quorum`, and why there is no place.
    func repair(
        _ entry: Entry<Cluster>, dead: Set<ID<Node>> = [], by actor: String, _ draft: inout Draft
    ) throws(Problem) -> Accepted {
        try check(entry.value)
        var cluster = entry.value
        for index in cluster.nodes.indices where dead.contains(cluster.nodes[index].id) { cluster.nodes[index].state = .lost }
        // One that was to take a dead one's place, and its own successor, are all one loss.
        let lost = cluster.nodes.filter { $0.state == .lost }
        guard !lost.isEmpty else {
            throw Problem(
                .notReady, "No node of cluster '\(cluster.name)' is lost.", remedy: "Name the node that is to be replaced nevertheless.")
        }
        try Self.checkQuorum(cluster)
        let new = try replacements(of: lost.filter { node in !cluster.nodes.contains { $0.replaces == node.id } }, in: cluster)
        // What has neither place nor successor waits for the next time.
        let going = lost.filter { node in (cluster.nodes + new).contains { $0.replaces == node.id } }
        cluster.nodes += new
        return try begin(.repair, entry, cluster, going, "Repair of cluster '\(cluster.name)' began", by: actor, &draft)
    }

    /// Begins to put new nodes elsewhere in the place of living ones, which leave when the new ones do their work.
    func handOver(
        _ entry: Entry<Cluster>, _ nodes: [Node], why: String, by actor: String, _ draft: inout Draft
    ) throws(Problem) -> Accepted {
        try check(entry.value)
        var cluster = entry.value
        let waiting = nodes.filter { node in !cluster.nodes.contains { $0.replaces == node.id && $0.state != .lost } }
        // What was begun and failed is ended in any health.
        guard waiting.isEmpty || cluster.health == .healthy else {
            throw Problem(
                .notReady, "Cluster '\(cluster.name)' is \(cluster.health.rawValue): it cannot spare a node.",
                remedy: "Look at its conditions: imp cluster show.")
        }
        cluster.nodes += try Replacement(snapshot: snapshot, ids: ids).replace(waiting, of: cluster, on: .handover)
        return try begin(.replace, entry, cluster, nodes, why, by: actor, &draft)
    }

    /// Which of a cluster's nodes on a host may go at once: of each group as many as it bears to miss.
    static func share(of cluster: Cluster, on host: String) -> [Node] {
        cluster.groups.flatMap { group in
            cluster.nodes.filter { $0.group == group.name && $0.host == host && $0.state != .lost }
                .sorted { $0.ordinal < $1.ordinal }.prefix(max(1, group.disruption?.maxUnavailable ?? 1))
        }
    }

    /// - Throws: `no-quorum` when what is left of a group that votes is no majority, or nothing is left at all.
    static func checkQuorum(_ cluster: Cluster) throws(Problem) {
        let lost = cluster.nodes.filter { $0.state == .lost }
        guard !lost.isEmpty else { return }
        for group in cluster.groups where group.disruption?.quorum == true {
            // Those that never were members do not vote, and count neither way.
            let members = cluster.nodes.filter {
                $0.group == group.name && ([.joined, .leaving].contains($0.state) || $0.state == .lost && $0.replaces == nil)
            }
            let away = members.count { $0.state == .lost }
            guard away > 0, away * 2 >= members.count else { continue }
            throw Problem(
                .noQuorum,
                "Of the \(members.count) voting members in group '\(group.name)' of cluster '\(cluster.name)' \(away) are lost: the rest is no majority.",
                facts: ["group": .string(group.name), "members": .integer(Int64(members.count)), "lost": .integer(Int64(away))])
        }
        guard cluster.nodes.contains(where: { $0.state == .joined }) else {
            throw Problem(
                .noQuorum, "Every node of cluster '\(cluster.name)' is lost: there is nothing that new ones could join.",
                facts: ["members": .integer(Int64(lost.count)), "lost": .integer(Int64(lost.count))])
        }
    }

    private func check(_ cluster: Cluster) throws(Problem) {
        if let running = snapshot.runningOperation(of: cluster)?.value {
            throw .busy(cluster, with: running)
        }
        guard cluster.phase == .ready else {
            throw Problem(
                .notReady, "Cluster '\(cluster.name)' is \(cluster.phase.rawValue).",
                remedy: cluster.phase == .hibernated ? "Wake it first, or delete it." : "Look at its operation, or delete it.")
        }
    }

    /// For all of them, or for as many as find a place one after another; the rest waits.
    private func replacements(of nodes: [Node], in cluster: Cluster) throws(Problem) -> [Node] {
        guard !nodes.isEmpty else { return [] }
        let replacement = Replacement(snapshot: snapshot, ids: ids)
        do throws(Problem) { return try replacement.replace(nodes, of: cluster, on: .loss) } catch {
            for node in nodes where nodes.count > 1 {
                if let one = try? replacement.replace([node], of: cluster, on: .loss) { return one }
            }
            // What is half done already goes on.
            if cluster.nodes.contains(where: { node in node.replaces != nil && node.state != .lost }) { return [] }
            throw error
        }
    }

    private func begin(
        _ kind: Operation.Kind, _ entry: Entry<Cluster>, _ changed: Cluster, _ going: [Node], _ what: String, by actor: String,
        _ draft: inout Draft
    ) throws(Problem) -> Accepted {
        draft.orderAdmission(after: snapshot)
        return try Undertaking(ids: ids, now: now).begin(
            kind, on: entry, by: actor,
            (
                kind == .repair ? "cluster.repairing" : "cluster.replacing",
                "\(what): \(going.map(\.name).joined(separator: ", "))."
            ), in: snapshot, nodes: going.map(\.id), &draft
        ) { $0 = changed }
    }
}
