// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel

/// Whether a cluster may be handed to another version of its plugin now.
enum PinMoveDecision {
    case isThere
    /// An operation does it already.
    case runs(ID<Operation>)
    case change(Operation.PinChange)

    /// - Throws: `conflict` while something else works on the cluster, `not-ready`, `move-refused`.
    static func move(_ cluster: Cluster, to target: Plugin, in snapshot: Snapshot) throws(Problem) -> PinMoveDecision {
        if let running = try running(on: cluster, .move, in: snapshot) {
            guard running.pins?.to == target.pin else { throw busy(cluster, running) }
            return .runs(running.id)
        }
        if cluster.plugin == target.pin { return .isThere }
        try checkReady(cluster)
        try checkUsable(target, code: .moveRefused)
        guard let type = target.manifest.types.first(where: { $0.id == cluster.type }) else {
            throw Problem(.moveRefused, "The plugin \(target.pin.words) does not know clusters of type '\(cluster.type)'.")
        }
        guard let source = snapshot.plugin(cluster.plugin)?.value else {
            throw Problem(
                .moveRefused, "The plugin \(cluster.plugin.words) that manages the cluster is not on record.",
                remedy: "Install that library again, then move.")
        }
        let (from, to) = (source.manifest.stateFormat, target.manifest.stateFormat)
        guard to >= from else {
            throw Problem(
                .moveRefused,
                "The plugin \(target.pin.words) reads state of format \(to); the cluster's is of format \(from), which \(source.pin.version) writes.",
                remedy: "Roll the cluster back, if it was moved; a move never lowers the format.")
        }
        guard from == to || type.verbs.contains(PluginVerb.migrate.rawValue) else {
            throw Problem(
                .moveRefused,
                "The plugin \(target.pin.words) has no 'migrate', and its state format is \(to) where the cluster's is \(from).",
                owner: .plugin, remedy: "Ask its author for a version that migrates state.")
        }
        return .change(.init(from: cluster.plugin, to: target.pin, health: cluster.health))
    }

    /// - Parameter moves: what there are copies of, oldest first.
    /// - Throws: as for a move, and `rollback-refused` when there is nothing to go back to.
    static func rollback(_ cluster: Cluster, moves: [MoveRecord], in snapshot: Snapshot) throws(Problem) -> PinMoveDecision {
        if let running = try running(on: cluster, .rollback, in: snapshot) { return .runs(running.id) }
        try checkReady(cluster)
        guard let move = moves.last(where: { $0.to == cluster.plugin }) else {
            throw Problem(
                .rollbackRefused, "Cluster '\(cluster.name)' was not moved to \(cluster.plugin.version): there is nothing to go back to.")
        }
        guard let previous = snapshot.plugin(move.from)?.value else {
            throw Problem(
                .rollbackRefused, "The plugin \(move.from.words) that managed the cluster before is not installed any more.",
                remedy: "Install that library again, and enable it once.")
        }
        try checkUsable(previous, code: .rollbackRefused)
        return .change(.init(from: cluster.plugin, to: move.from, health: cluster.health, snapshot: move.operation))
    }

    private static func running(on cluster: Cluster, _ kind: Operation.Kind, in snapshot: Snapshot) throws(Problem) -> Operation? {
        guard let running = snapshot.runningOperation(of: cluster)?.value else { return nil }
        guard running.kind == kind else { throw busy(cluster, running) }
        return running
    }

    private static func busy(_ cluster: Cluster, _ running: Operation) -> Problem {
        Problem(
            .conflict, "Cluster '\(cluster.name)' is being changed by the operation \(running.id) (\(running.kind.rawValue)).",
            remedy: "Wait for it, then try again.", facts: ["operation": .string(running.id.rawValue)])
    }

    private static func checkReady(_ cluster: Cluster) throws(Problem) {
        guard cluster.phase == .ready else {
            throw Problem(
                .notReady, "Cluster '\(cluster.name)' is \(cluster.phase.rawValue); only ready clusters change their version.",
                remedy: cluster.phase == .failed ? "Delete it and make it anew." : "Wait until it is ready.")
        }
    }

    private static func checkUsable(_ plugin: Plugin, code: ProblemCode) throws(Problem) {
        switch plugin.state {
        case .enabled, .disabled: return
        case .installed:
            throw Problem(
                code, "The plugin \(plugin.pin.words) was never enabled.", remedy: "Upgrade to it first, or enable it.")
        case .quarantined:
            throw Problem(
                code, "The plugin \(plugin.pin.words) is quarantined: \(plugin.quarantine?.reason ?? "")",
                remedy: "Lift the quarantine first.")
        }
    }
}

/// Whether going back would lose something.
enum RollbackCheck {
    /// - Throws: `rollback-refused` that names what was written since the move, and when.
    static func check(_ record: MoveRecord, _ copy: ClusterCopy) async throws(Problem) {
        let news = record.isRestoring || record.after == nil ? [] : try await copy.news(since: record)
        guard !news.isEmpty else { return }
        let names = news.prefix(10).map { "\($0.name) (\($0.at.map { "written \($0)" } ?? "deleted"))" }
        let rest = news.count > names.count ? " and \(news.count - names.count) more" : ""
        throw Problem(
            .rollbackRefused,
            "Since the move to \(record.to.version) the plugin has written newer state: \(names.joined(separator: ", "))\(rest). Going back would lose it.",
            remedy: "Stay with \(record.to.version), or move to a version that mends what is wrong.",
            facts: [
                "keys": .array(
                    news.prefix(100).map { ["key": .string($0.name), "at": $0.at.map { .string($0.description) } ?? .null] }),
                "movedAt": .string(record.at.description),
            ])
    }
}
