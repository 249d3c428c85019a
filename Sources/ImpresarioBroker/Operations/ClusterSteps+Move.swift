// SPDX-License-Identifier: Apache-2.0

import ImpresarioInfrastructure
import ImpresarioModel
import ImpresarioPlugins

/// The steps of a move to another version of the plugin, and of the way back.
///
/// The nodes are not touched, nor is the phase: for its tenant the cluster is what it was.
extension ClusterSteps {
    func performMove(_ step: String, until deadline: Timestamp) async throws(Problem) {
        guard let pins = operation.pins else { throw Problem(.internal, "The operation does not say from where to where.") }
        switch (operation.kind, step) {
        case (_, "snapshot"): try await copy.take(for: operation.id, pins, now: parts.clock())
        case (_, "pin"): try await update { $0.plugin = pins.to }
        case (_, "migrate"): try await migrate(pins, until: deadline)
        case (_, "configure"): try await configure(until: deadline)
        case (_, "health"): try await awaitHealth(atLeast: pins.health, until: deadline)
        case (.move, "restore"): try await takeBack(pins)
        case (.rollback, "restore"): try await goBack(pins)
        default: throw Problem(.internal, "There is no step '\(step)'.")
        }
    }

    private var copy: ClusterCopy { ClusterCopy(cluster: operation.cluster, store: parts.store) }

    private func plugin(_ pin: PluginPin) throws(Problem) -> Plugin {
        guard let plugin = ledger.snapshot.plugin(pin)?.value else {
            throw Problem(.pluginUnavailable, "The plugin \(pin.words) is not installed any more.", owner: .admin)
        }
        return plugin
    }

    /// State that the old version wrote, for the new one.
    private func migrate(_ pins: Operation.PinChange, until deadline: Timestamp) async throws(Problem) {
        let (from, to) = (try plugin(pins.from).manifest.stateFormat, try plugin(pins.to).manifest.stateFormat)
        guard from != to else { return }
        let cluster = try await fenced()
        // An attempt before this one can have come half way: it begins from what the old version left.
        if fence.attempt > 1, let record = try await copy.record(of: operation.id) { try await copy.restore(record) }
        _ = try await conversation.call(
            .verb(.migrate), of: cluster, args: ["from": .integer(Int64(from)), "to": .integer(Int64(to))], timeout: remaining(deadline))
    }

    /// The version's chance to make the nodes as it wants them, where it has the verb.
    private func configure(until deadline: Timestamp) async throws(Problem) {
        let cluster = try await fenced()
        let type = try plugin(cluster.plugin).manifest.types.first { $0.id == cluster.type }
        guard type?.verbs.contains(PluginVerb.configure.rawValue) == true else { return }
        _ = try await conversation.call(
            .verb(.configure), of: cluster, args: ["old": cluster.parameters, "new": cluster.parameters], timeout: remaining(deadline))
    }

    /// As good as it was; a cluster that nobody could ask before only has to answer and work.
    private func awaitHealth(atLeast before: Cluster.Health, until deadline: Timestamp) async throws(Problem) {
        try await awaitHealth(until: deadline) { $0.isNoWorse(than: before) }
        if operation.kind == .move { try await copy.complete(operation.id) }
    }

    /// After a failure: pin, state and secrets as they were.
    private func takeBack(_ pins: Operation.PinChange) async throws(Problem) {
        _ = try await fenced()
        if let record = try await copy.record(of: operation.id) { try await copy.restore(record) }
        try await update { $0.plugin = pins.from }
        try await copy.forget(operation.id)
    }

    /// Goes back to before a move that succeeded, unless something was written since.
    private func goBack(_ pins: Operation.PinChange) async throws(Problem) {
        guard let move = pins.snapshot else { throw Problem(.internal, "The operation does not say what to go back to.") }
        if try cluster().plugin != pins.to {
            guard var record = try await copy.record(of: move) else {
                throw Problem(.rollbackRefused, "The copy of state and secrets from before the move is gone.")
            }
            if !record.isRestoring {
                try await RollbackCheck.check(record, copy)
                record.isRestoring = true
                try await copy.put(record)
            }
            try await copy.restore(record)
            try await update { $0.plugin = pins.to }
        }
        try await copy.forget(move)
    }
}

extension Cluster.Health {
    /// Where nobody could ask before, it is enough that the cluster works.
    func isNoWorse(than before: Cluster.Health) -> Bool { rank >= (before == .unknown ? Cluster.Health.degraded : before).rank }

    /// Higher is better.
    private var rank: Int {
        switch self {
        case .unknown: 0
        case .unhealthy: 1
        case .degraded: 2
        case .healthy: 3
        }
    }
}
