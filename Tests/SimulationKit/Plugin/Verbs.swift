// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioInfrastructure
import ImpresarioModel
import ImpresarioPlugins

/// A plugin as it should be: every verb can be begun again after any interruption. It asks its engines what is so, and remembers nothing but a
/// few records of state.
struct Verbs: Sendable {
    let call: PluginCall
    let services: any HostServices

    private var context: PluginContext { call.context }
    private var cluster: String { context.cluster.id }

    func answer() async throws(Problem) -> JSONValue {
        switch call.target {
        case .operation:
            try await remember("poked")
            return [:]
        case .verb(.validate): return ["params": context.args["params"] ?? [:]]
        case .verb(.plan): return plan(context.args["params"] ?? [:])
        case .verb(.bootstrap): return try await bootstrap()
        case .verb(.join): return try await join()
        case .verb(.leave): return try await leave()
        case .verb(.health): return try await health()
        case .verb(.credentials):
            try await remember("issued")
            return ["files": ["key.txt": "secret"], "env": ["KEY": "${dir}/key.txt"]]
        case .verb(.revoke):
            try await remember("revoked")
            return [:]
        case .verb(.migrate):
            try await remember("format", "2")
            return [:]
        case .verb(.configure), .verb(.upgrade):
            _ = try await members()
            try await remember("configured")
            return [:]
        case .verb(.destroy):
            _ = try? await engine("status", on: voters().first?.id ?? "")
            return [:]
        }
    }

    private func plan(_ parameters: JSONValue) -> JSONValue {
        let flavor = parameters["flavor"] ?? "small"
        return [
            "version": parameters["version"] ?? "1",
            "groups": [
                [
                    "name": "leader", "role": "leader", "count": parameters["leaders"] ?? 1, "flavor": flavor, "batch": 1,
                    "spread": ["by": "host", "mode": "prefer"], "disruption": ["max_unavailable": 1, "quorum": true],
                ],
                [
                    "name": "follower", "role": "follower", "count": parameters["followers"] ?? 1, "flavor": flavor, "batch": 2,
                    "disruption": ["max_unavailable": 1], "surge": parameters["surge"] ?? 0,
                ],
            ],
            "endpoints": [["name": "api", "group": "leader", "port": 80, "expose": "tenant"]],
        ]
    }

    private func bootstrap() async throws(Problem) -> JSONValue {
        guard let first = voters().first else { throw Problem(.pluginFailed, "There is no leader.") }
        try await succeed(engine("form", on: first.id))
        try await remember("format", "1")
        return ["joined": [.string(first.id)]]
    }

    private func join() async throws(Problem) -> JSONValue {
        let asked = ids("nodes")
        for id in asked {
            guard let node = context.nodes.first(where: { $0.id == id }) else { throw Problem(.pluginFailed, "There is no node \(id).") }
            services.progress(5000, phase: "joining \(node.name)")
            try await succeed(engine("join", on: id, node.role == "leader" ? ["voter"] : []))
        }
        return ["joined": .array(asked.map { .string($0) })]
    }

    private func leave() async throws(Problem) -> JSONValue {
        let asked = ids("nodes") + ids("lost")
        for id in asked {
            let speaker = try await members().speaker
            try await succeed(engine("leave", on: speaker, [id]))
        }
        return ["left": .array(asked.map { .string($0) })]
    }

    private func health() async throws(Problem) -> JSONValue {
        let (running, _, hasQuorum) = try await members()
        let expected = context.nodes.filter { ["joined", "leaving", "stopped", "lost"].contains($0.state) }
        let isWhole = expected.allSatisfy { running.contains($0.id) }
        return [
            "health": !hasQuorum ? "unhealthy" : isWhole ? "healthy" : "degraded",
            "nodes": .array(
                context.nodes.map { node in
                    [
                        "id": .string(node.id), "state": running.contains(node.id) ? "ready" : "down", "removable": true,
                        "removal_cost": .integer(Int64(node.ordinal)),
                    ]
                }),
        ]
    }

    // MARK: engines

    private func voters() -> [PluginContext.NodeView] { context.nodes.filter { $0.role == "leader" }.sorted { $0.ordinal < $1.ordinal } }

    private func ids(_ member: String) -> [String] { context.args[member]?.array?.compactMap(\.string) ?? [] }

    @discardableResult
    private func engine(_ verb: String, on node: String, _ more: [String] = []) async throws(Problem) -> CommandOutcome {
        let outcomes = try await services.execute([(node, NodeCommand(["engine", verb, cluster] + more))])
        guard let outcome = outcomes.first else { throw Problem(.pluginFailed, "No outcome.") }
        return outcome
    }

    private func succeed(_ outcome: CommandOutcome) throws(Problem) {
        guard outcome.exitCode == 0 else {
            throw Problem(
                pluginCode: "sample.engine", message: "The engine refused: \(String(decoding: outcome.output, as: UTF8.self)).", field: nil,
                detail: nil, owner: .plugin, isRetryable: outcome.exitCode == 2)
        }
    }

    /// Who runs, as a member that runs tells it.
    private func members() async throws(Problem) -> (running: Set<String>, speaker: String, hasQuorum: Bool) {
        var last = Problem(.nodeUnreachable, "No node answers.")
        for node in context.nodes where ["joined", "leaving", "running"].contains(node.state) {
            do throws(Problem) {
                let outcome = try await engine("status", on: node.id)
                let running = Set(String(decoding: outcome.output, as: UTF8.self).split(separator: " ").map(String.init))
                guard running.contains(node.id) else { continue }
                return (running, node.id, outcome.exitCode == 0)
            } catch {
                if error.is(.cancelled) || error.is(.shuttingDown) { throw error }
                last = error
            }
        }
        throw last
    }

    /// A record of state, written as any plugin does: read, then compare and swap.
    private func remember(_ key: String, _ value: String? = nil) async throws(Problem) {
        let known = try await services.state(key)
        let count = known.flatMap { Int(String(decoding: $0.value, as: UTF8.self)) } ?? 0
        _ = try await services.putState(key, Data((value ?? String(count + 1)).utf8), expecting: known?.version ?? 0)
    }
}
