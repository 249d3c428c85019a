// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel

/// Whether a cluster may be changed now, and by whom.
enum ChangeCheck {
    /// - Throws: `conflict` while an operation runs, `not-ready` in phases in which nothing can be changed.
    static func check(_ cluster: Cluster, in snapshot: Snapshot) throws(Problem) {
        if let running = snapshot.runningOperation(of: cluster)?.value {
            throw .busy(cluster, with: running)
        }
        guard cluster.phase == .ready else {
            let remedy =
                switch cluster.phase {
                case .failed: "Retry its operation, or delete it and make it anew."
                case .hibernated: "Wake it first: imp cluster wake \(cluster.name)."
                default: "Wait until it is ready."
                }
            throw Problem(
                .notReady, "Cluster '\(cluster.name)' is \(cluster.phase.rawValue); only ready clusters can be changed.", remedy: remedy,
                facts: ["phase": .string(cluster.phase.rawValue)])
        }
    }

    /// The cluster's last upgrade, when it has stopped before its end.
    static func unfinishedUpgrade(of cluster: Cluster, in snapshot: Snapshot) -> Operation? {
        let upgrades = snapshot.operations.lazy.map(\.entry.value).filter { $0.cluster == cluster.id && $0.kind == .upgrade }
        guard let last = upgrades.max(by: { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) }), last.state.isFinal,
            last.steps.contains(where: { $0.name == "prepare" && $0.attempts > 0 }),
            last.steps.contains(where: { $0.name == "finish" && $0.state != .done })
        else { return nil }
        return last
    }

    /// The version that manages the cluster; it need not be the one that new clusters get.
    static func plugin(of cluster: Cluster, in snapshot: Snapshot) throws(Problem) -> (Plugin, ClusterType) {
        guard let plugin = snapshot.plugin(cluster.plugin)?.value,
            let type = plugin.manifest.types.first(where: { $0.id == cluster.type })
        else {
            throw Problem(
                .pluginUnavailable, "The plugin \(cluster.plugin.words) that manages the cluster is not installed any more.", owner: .admin,
                remedy: "Ask an admin to install it again.")
        }
        if plugin.state == .quarantined {
            throw Problem(
                .pluginQuarantined, "The plugin \(cluster.plugin.words) that manages the cluster is quarantined.",
                remedy: "Ask an admin to lift the quarantine or to move the cluster to another version.")
        }
        return (plugin, type)
    }
}

/// A cluster's parameters with a patch laid over them, and what the type's update schema says to it.
struct ChangedParameters {
    let old: JSONValue
    /// With the create schema's defaults for what the patch takes away.
    let merged: JSONValue
    let type: ClusterType

    init(from old: JSONValue, by patch: JSONValue, of type: ClusterType) {
        self.old = old
        self.type = type
        let laid = old.merging(patch)
        merged = (try? JSONSchema(type.createSchema))?.applyingDefaults(to: laid) ?? laid
    }

    /// Members whose values differ; one that is named with the value that it has is none.
    private var names: [String] {
        let (old, new) = (old.object ?? [:], merged.object ?? [:])
        return Set(old.keys).union(new.keys).filter { old[$0] != new[$0] }.sorted()
    }

    /// - Throws: `cannot-change` with a pointer to each parameter that is fixed, `invalid-parameters` for values that the update schema refuses.
    func check() throws(Problem) {
        let names = names
        guard !names.isEmpty else { return }
        // Whether there is such a parameter at all is the create schema's to say.
        let known = (type.createSchema["properties"]?.object).map { Set($0.keys) }
        let changeable = type.updateSchema.map { $0["properties"]?.object.map { Set($0.keys) } ?? Set(names) } ?? []
        var problems = names.filter { !changeable.contains($0) && known?.contains($0) != false }.map { name in
            let others = changeable.sorted().joined(separator: ", ")
            return Problem(
                .cannotChange, "The parameter '\(name)' of a cluster of type '\(type.id)' cannot be changed.",
                field: "/parameters/" + JSONPointer.escape(name),
                remedy: others.isEmpty ? "Make another cluster as you want it." : "What can be changed: \(others).")
        }
        if problems.isEmpty, let document = type.updateSchema {
            // With what else can be changed, in case one is bound to another; what is wrong with those that stay is not the caller's.
            let values = (merged.object ?? [:]).filter { changeable.contains($0.key) }
            let staying = changeable.subtracting(names).map { "/parameters/" + JSONPointer.escape($0) }
            problems = try JSONSchema(document).validate(.object(values), at: "/parameters").filter { problem in
                !staying.contains { problem.field == $0 || problem.field?.hasPrefix($0 + "/") == true }
            }
        }
        guard var first = problems.first else { return }
        if problems.count > 1 { first.errors = problems }
        throw first
    }
}

/// What an owner writes on clusters for their own use.
enum ClusterLabels {
    /// - Throws: `invalid-parameters` with a pointer to what is too long.
    static func check(_ labels: [String: String]) throws(Problem) {
        for (key, value) in labels {
            guard !key.isEmpty, key.utf8.count <= 128, value.utf8.count <= 256 else {
                throw Problem(
                    .invalidParameters, "A label is at most 128 characters, its value at most 256.", field: "/labels/\(key.prefix(80))")
            }
        }
    }

    /// - Parameter changes: nil takes a label away.
    static func merge(_ changes: [String: String?], into labels: [String: String]) throws(Problem) -> [String: String] {
        try check(changes.compactMapValues { $0 })
        var result = labels
        for (key, value) in changes { result[key] = value }
        return result
    }
}
