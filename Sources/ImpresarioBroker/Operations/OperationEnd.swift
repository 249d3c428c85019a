// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel
import ImpresarioStore

/// What the end of an operation means for its cluster, written in the commit that ends it.
struct OperationEnd {
    let operation: Operation
    let now: Timestamp
    let ids: IdentifierSource

    func settle(_ snapshot: Snapshot, _ draft: inout Draft) throws(Problem) {
        guard let entry = snapshot.cluster(operation.cluster), entry.value.operation == operation.id else { return }
        var cluster = entry.value
        cluster.updatedAt = now
        let name = cluster.name
        switch (operation.kind, operation.state) {
        case (.delete, .succeeded):
            draft.remove(entry, at: cluster.key)
            try draft.record(event("cluster.deleted", "Cluster '\(name)' is gone."))
            return
        case (.move, .succeeded), (.rollback, .succeeded):
            let from = operation.pins?.from.version ?? "another version"
            try draft.record(
                event(
                    operation.kind == .move ? "cluster.moved" : "cluster.rolled-back",
                    "Cluster '\(name)' is managed by plugin \(cluster.plugin.words) now, before by \(from).", data: cluster.plugin.facts))
        case (.hibernate, .succeeded):
            cluster.phase = .hibernated
            cluster.health = .unknown
            cluster.conditions = []
            try draft.record(event("cluster.hibernated", "Cluster '\(name)' is hibernated: cpu and memory are given back."))
        case (.resize, .succeeded), (.upgrade, .succeeded):
            cluster.phase = .ready
            let version = operation.kind == .upgrade ? cluster.version.map { " of version \($0)" } ?? "" : ""
            try draft.record(
                event(
                    operation.kind == .upgrade ? "cluster.upgraded" : "cluster.resized",
                    "Cluster '\(name)'\(version) is ready with \(cluster.nodes.count) nodes."))
        case (.repair, .succeeded), (.replace, .succeeded):
            cluster.phase = .ready
            try draft.record(
                operation.kind == .repair
                    ? event("cluster.repaired", "Cluster '\(name)' has new nodes in place of those that were lost.")
                    : event("cluster.replaced", "Nodes of cluster '\(name)' were replaced elsewhere."))
        case (_, .succeeded):
            cluster.phase = .ready
            try draft.record(event("cluster.ready", "Cluster '\(name)' is ready."))
        case (let kind, .failed):
            // A move that failed has left nothing behind. Of a hibernation the reconciler starts what was stopped.
            if kind == .hibernate {
                cluster.resume()
            } else if !kind.isUnnoticed {
                cluster.phase = kind.leavesWorking ? .ready : .failed
            }
            try draft.record(
                event(
                    "operation.failed", operation.problem?.message ?? "The operation failed.",
                    data: ["code": .string(operation.problem?.code ?? "")]))
            if kind == .create, operation.onFailure == .delete {
                _ = try Deletion(ids: ids, now: now).begin(entry, by: "broker", &draft)
                return
            }
        default: return
        }
        cluster.setFindings(after: operation)
        try draft.replace(entry, with: cluster, at: cluster.key)
    }

    private func event(_ type: String, _ message: String, data: JSONValue? = nil) -> Event {
        Event(
            id: ids.draw(prefix: "e"), at: now, type: type, actor: "broker", message: message, tenant: operation.tenant,
            project: operation.project, cluster: operation.cluster, operation: operation.id, data: data)
    }
}

extension Cluster {
    /// A hibernation that did not come to its end is taken back: what was stopped is to run.
    mutating func resume() {
        phase = .ready
        for index in nodes.indices where nodes[index].state == .stopped { nodes[index].state = .joined }
    }
}

extension Condition {
    static let changeFailed = "ChangeFailed"
    static let repairFailed = "RepairFailed"
    static let replaceFailed = "ReplaceFailed"
}

extension Operation {
    /// What its end tells of a cluster that works on, until another operation has begun.
    var conditions: [Condition] {
        guard kind.leavesWorking else { return [] }
        let what: String
        switch state {
        case .failed: what = "has not ended: \(problem?.message ?? "")"
        case .cancelled: what = "was cancelled."
        case .queued, .running, .succeeded: return []
        }
        return [
            Condition(
                type: kind == .repair ? Condition.repairFailed : kind == .replace ? Condition.replaceFailed : Condition.changeFailed,
                severity: .warning, message: "The last \(kind.rawValue) \(what) Go on with it by: imp operation retry \(id).")
        ]
    }
}
