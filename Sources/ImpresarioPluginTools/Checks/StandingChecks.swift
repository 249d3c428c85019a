// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel
import ImpresarioPlugins

/// What is asked of a cluster that stands: its health, its operations, nodes that leave and come.
extension TypeChecks {
    func checkHealth(of cluster: StagedCluster) async throws {
        try await list.check(.health, "quick when healthy") {
            let (_, run) = try await cluster.health()
            guard run.duration < .seconds(10) else {
                return .warning(
                    "health took \(run.duration.words) on a healthy cluster.",
                    remedy: "It is called every few seconds: ask all nodes at once, once.")
            }
            return .passed("\(run.duration.words), \(run.record.calls.count) host calls")
        }
        guard let victim = cluster.nodes.last else { return }
        try await list.check(.health, "notices a stopped node") {
            try await cluster.stop(victim)
            let (report, _) = try await cluster.health { $0.health == .degraded || $0.health == .unhealthy }
            guard report.health == .degraded || report.health == .unhealthy else {
                throw Finding.failed(
                    "health is blind: the node \(victim.name) is stopped, and it still says \(report.words) after \(cluster.patience.words).",
                    remedy: "Ask every node in health; a node_exec that answers IMP_UNAVAILABLE is a node that is down.")
            }
            return .passed("\(victim.name) stopped: \(report.words)")
        }
        try await list.check(.health, "recovers when the node is back") {
            try await cluster.start(victim)
            let (report, _) = try await cluster.health { $0.health == .healthy }
            guard report.health == .healthy else {
                throw Finding.failed(
                    "The node \(victim.name) was stopped and started again, and the cluster is \(report.words) after \(cluster.patience.words).",
                    remedy: "Run daemons by node_service, which survive a restart of their node, and keep their data on the node's disk.")
            }
            return .passed()
        }
        if !list.wants(.health) { return }
        // Should the check have failed, the others still want a whole cluster.
        try await cluster.start(victim)
    }

    func checkOperations(on cluster: StagedCluster) async throws {
        for operation in stage.type.operations where operation.isReadOnly {
            try await list.check(.operations, operation.id) { try await readOnly(operation, on: cluster) }
        }
    }

    private func readOnly(_ operation: TypedOperation, on cluster: StagedCluster) async throws -> Verdict {
        var random = random("operation \(operation.id)")
        var (answered, refused) = (0, 0)
        return try await stage.library.withGuests { guests in
            for _ in 0..<8 {
                let arguments = ArgumentSamples.draw(operation, nodes: cluster.nodes.map(\.id.rawValue), &random)
                let run = try await cluster.call(
                    .operation(operation, arguments: arguments), operation: cluster.operation("operation"), kind: "operation", in: guests,
                    timeout: .seconds(60))
                if let problem = run.problem {
                    if run.hasCrashed || problem.is(.deadlineExceeded) {
                        throw Finding.failed(
                            "\(run.what) did not survive the arguments \(JSONValue.object(arguments).excerpt): \(problem.told)",
                            remedy: "Refuse with IMP_INVALID what cannot be; texts that are left out are NULL.")
                    }
                    refused += 1
                } else {
                    answered += 1
                }
            }
            let (report, _) = try await cluster.health { $0.health == .healthy }
            guard report.health == .healthy else {
                throw Finding.failed(
                    "After \(operation.id), which says that it only reads, the cluster is \(report.words).",
                    remedy: "Leave IMP_O_READONLY away when an operation changes something.")
            }
            return .passed("\(answered) answered, \(refused) refused")
        }
    }

    /// A node leaves, twice; another one takes its place, twice.
    func checkMembership(of cluster: StagedCluster) async throws {
        guard stage.has(.leave), cluster.nodes.count > 1, let leaving = cluster.nodes.last else { return }
        let args: JSONValue = ["nodes": [.string(leaving.id.rawValue)], "lost": false, "drain_deadline": 10]
        let hasLeft = try await list.check(.idempotence, "leave twice") {
            let operation = cluster.operation("leave")
            for attempt in 1...2 {
                let run = try await cluster.call(.verb(.leave), operation: operation, kind: "resize", attempt: attempt, args: args)
                try expectOK(run, attempt == 1 ? "of \(leaving.name)" : "of \(leaving.name), which has left already")
            }
            try await cluster.drop(leaving)
            try await cluster.awaitHealthy("after \(leaving.name) left")
            return .passed(leaving.name)
        }
        guard hasLeft != false, stage.has(.join) else { return }
        try await list.check(.idempotence, "join of a replacement twice") {
            if hasLeft == nil { return .skipped("no node has left") }
            let node = try await cluster.add(replacing: leaving)
            let operation = cluster.operation("join")
            for attempt in 1...2 {
                let run = try await cluster.call(
                    .verb(.join), operation: operation, kind: "repair", attempt: attempt, args: ["nodes": [.string(node.id.rawValue)]])
                try expectOK(run, attempt == 1 ? "of \(node.name)" : "of \(node.name), which has joined already")
                let joined = try cluster.markJoined(run, by: .join)
                guard joined.contains(node.id.rawValue) else {
                    throw Finding.failed(
                        "\(run.words) answered OK, and that \(node.name) is no member.",
                        remedy: "Answer the ids that are members now, or a problem.")
                }
            }
            try await cluster.awaitHealthy("after \(node.name) joined")
            return .passed(node.name)
        }
    }
}

extension Duration {
    /// `1.2 s`, `15 ms`.
    var words: String {
        let milliseconds = Int(self / .milliseconds(1))
        return milliseconds < 1000 ? "\(milliseconds) ms" : "\(milliseconds / 1000).\(milliseconds % 1000 / 100) s"
    }
}
