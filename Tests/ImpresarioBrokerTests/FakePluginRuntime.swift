// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioInfrastructure
import ImpresarioModel
import ImpresarioPlugins
import Synchronization

/// A plugin in Swift closures, for tests of the core: no guest, no library. Its type `sample` has leaders and followers and runs one command on
/// each node when it joins.
final class FakePluginRuntime: PluginRuntime {
    struct Called: Hashable, Sendable {
        var verb: String
        var attempt: Int
        var version: String
    }

    private struct State {
        var calls: [Called] = []
        var failures: [String: [Problem]] = [:]
        var registered: Set<PluginPin> = []
        var quarantined: [PluginPin: String] = [:]
        var plans: [String: @Sendable (JSONValue, Int) -> JSONValue] = [:]
        var health: [String: Cluster.Health] = [:]
        var nodeReports: (@Sendable (PluginContext) -> JSONValue)?
        var arguments: [(verb: PluginVerb, args: JSONValue)] = []
        var plansMade = 0
    }

    private let state = Mutex(State())
    let crashLoops: AsyncStream<CrashLoop>
    private let reporter: AsyncStream<CrashLoop>.Continuation

    init() { (crashLoops, reporter) = AsyncStream.makeStream() }

    var calls: [Called] { state.withLock { $0.calls } }
    var registered: Set<PluginPin> { state.withLock { $0.registered } }
    var quarantined: [PluginPin: String] { state.withLock { $0.quarantined } }

    /// What a version makes of the plan that all versions share; the number tells how many plans were made before.
    func plan(_ version: String, _ change: @escaping @Sendable (JSONValue, Int) -> JSONValue) {
        state.withLock { $0.plans[version] = change }
    }

    /// What a version says of every cluster from now on; nil: what its nodes are.
    func say(_ health: Cluster.Health?, by version: String) { state.withLock { $0.health[version] = health } }

    /// What health tells of each node from now on.
    func tell(_ reports: @escaping @Sendable (PluginContext) -> JSONValue) { state.withLock { $0.nodeReports = reports } }

    /// What each call of a verb was given, oldest first.
    func arguments(of verb: PluginVerb) -> [JSONValue] { state.withLock { $0.arguments.filter { $0.verb == verb }.map(\.args) } }

    func report(_ loop: CrashLoop) {
        state.withLock { $0.quarantined[loop.pin] = loop.reason }
        reporter.yield(loop)
    }

    /// A library of this runtime is the JSON of its manifest.
    static func library(
        _ version: String = "1.0.0", id: String = "sample", stateFormat: Int = 1, packages: [String] = ["sample-server"],
        types: [String]? = nil, without verbs: [PluginVerb] = []
    ) throws -> Data {
        var manifest = manifest
        manifest.id = id
        manifest.version = version
        manifest.stateFormat = stateFormat
        manifest.packages = packages
        manifest.types[0].verbs.removeAll { name in verbs.contains { $0.rawValue == name } }
        manifest.types = (types ?? ["sample"]).map { id in
            var type = manifest.types[0]
            type.id = id
            return type
        }
        return try CanonicalJSON.encode(manifest)
    }

    /// The next calls of a verb fail in turn with these.
    func fail(_ verb: PluginVerb, with problems: [Problem]) { state.withLock { $0.failures[verb.rawValue] = problems } }

    static let manifest = PluginManifest(
        id: "sample", version: "1.0.0", vendor: "Tests", license: "Apache-2.0", url: nil, stateFormat: 1, packages: ["sample-server"],
        types: [
            ClusterType(
                id: "sample", name: "Sample", summary: "For tests", description: "", capabilities: [],
                createSchema: [
                    "type": "object", "additionalProperties": false,
                    "properties": [
                        "leaders": ["type": "integer", "minimum": 1, "maximum": 5, "default": 1],
                        "followers": ["type": "integer", "minimum": 0, "maximum": 100, "default": 2],
                        "flavor": ["type": "string", "default": "small"],
                        "note": ["type": "string", "maxLength": 10],
                        "version": ["type": "string"],
                        "fixed": ["type": "string"],
                    ],
                ],
                updateSchema: [
                    "type": "object",
                    "properties": [
                        "leaders": ["type": "integer"], "followers": ["type": "integer"], "flavor": ["type": "string"],
                        "note": ["enum": ["", "one", "two"]], "version": ["type": "string"],
                    ],
                ], bindingSchema: nil, verbs: PluginVerb.allCases.map(\.rawValue),
                operations: [
                    TypedOperation(
                        id: "greet", summary: "Greets", since: nil, deprecated: nil, isReadOnly: true, isIdempotent: true,
                        isDestructive: false, isLong: false,
                        parameters: [
                            TypedParameter(
                                name: "node", summary: "Which", kind: .node, isOut: false, isOptional: false, isSecret: false,
                                defaultValue: nil, schema: nil)
                        ])
                ])
        ])

    func inspect(library path: String) async throws(Problem) -> Inspection {
        do {
            let manifest = try CanonicalJSON.decode(PluginManifest.self, from: try Data(contentsOf: URL(fileURLWithPath: path)))
            return Inspection(
                manifest: manifest, sha256: "", sandbox: [SandboxLayer(name: "fake", isActive: true, detail: "closures")])
        } catch { throw Problem(.pluginInvalid, "The plugin cannot be used: no manifest.") }
    }

    func register(_ pin: PluginPin, manifest: PluginManifest, library path: String) async {
        state.withLock { _ = $0.registered.insert(pin) }
    }
    func unregister(_ pin: PluginPin) async { state.withLock { _ = $0.registered.remove(pin) } }
    func quarantine(_ pin: PluginPin, reason: String) async { state.withLock { $0.quarantined[pin] = reason } }
    func lift(_ pin: PluginPin) async { state.withLock { $0.quarantined[pin] = nil } }

    func call(_ call: PluginCall, services: any HostServices) async throws(Problem) -> JSONValue {
        let name =
            switch call.target {
            case .verb(let verb): verb.rawValue
            case .operation(let operation, _): operation.id
            }
        let pin = call.plugin
        let failure = state.withLock { state -> Problem? in
            if let reason = state.quarantined[pin] { return Problem(.pluginQuarantined, "The plugin is quarantined: \(reason)") }
            guard state.registered.contains(pin) else { return Problem(.pluginUnavailable, "The plugin is not loaded here.") }
            state.calls.append(Called(verb: name, attempt: call.context.operation.attempt, version: pin.version))
            if case .verb(let verb) = call.target { state.arguments.append((verb, call.context.args)) }
            return state.failures[name]?.isEmpty == false ? state.failures[name]?.removeFirst() : nil
        }
        if let failure { throw failure }
        let context = call.context
        switch call.target {
        case .operation(_, let arguments): return ["greeted": arguments["node"] ?? nil]
        case .verb(.validate):
            guard context.args["params"]?["leaders"]?.integer ?? 0 % 2 != 2 else {
                throw Problem(.invalidParameters, "Even.", field: "/leaders")
            }
            return ["params": context.args["params"] ?? [:]]
        case .verb(.plan):
            let parameters = context.args["params"] ?? [:]
            var plan: [String: JSONValue] = [
                "groups": [
                    ["name": "leader", "role": "leader", "count": parameters["leaders"] ?? 1, "flavor": parameters["flavor"] ?? "small"],
                    [
                        "name": "follower", "role": "follower", "count": parameters["followers"] ?? 2, "batch": 2,
                        "flavor": parameters["flavor"] ?? "small", "packages": ["sample-server"],
                    ],
                ],
                "endpoints": [["name": "api", "group": "leader", "port": 80, "expose": "tenant"]],
            ]
            plan["version"] = parameters["version"]
            let (change, count) = state.withLock { state in
                state.plansMade += 1
                return (state.plans[pin.version], state.plansMade)
            }
            return change?(.object(plan), count) ?? .object(plan)
        case .verb(.bootstrap):
            let leaders = context.nodes.filter { $0.role == "leader" }
            _ = try await services.execute(leaders.map { ($0.id, NodeCommand(["start"])) })
            services.progress(5000, phase: "half way")
            if try await services.state("format") == nil {
                _ = try await services.putState("format", Data("1".utf8), expecting: 0)
                _ = try await services.putSecret("token", Data("first".utf8), expecting: 0)
            }
            return ["joined": .array(leaders.map { .string($0.id) })]
        case .verb(.join):
            let ids = context.args["nodes"]?.array?.compactMap(\.string) ?? []
            _ = try await services.execute(ids.map { ($0, NodeCommand(["start"])) })
            return ["joined": .array(ids.map { .string($0) })]
        case .verb(.health):
            if let health = state.withLock({ $0.health[pin.version] }) { return ["health": .string(health.rawValue)] }
            var report: [String: JSONValue] = [
                "health": .string(context.nodes.allSatisfy { $0.state == "joined" } ? "healthy" : "degraded")
            ]
            report["nodes"] = state.withLock { $0.nodeReports }?(context)
            return .object(report)
        case .verb(.migrate):
            let old = try await services.state("format")
            _ = try await services.putState("format", Data("2".utf8), expecting: old?.version ?? 0)
            _ = try await services.putState("only-new", Data("1".utf8), expecting: 0)
            let secret = try await services.secret("token")
            _ = try await services.putSecret("token", Data("migrated".utf8), expecting: secret?.version ?? 0)
            return [:]
        case .verb(.credentials):
            let issued = try await services.state("issued")
            _ = try await services.putState("issued", Data("\(issued?.version ?? 0)".utf8), expecting: issued?.version ?? 0)
            return ["files": ["key.txt": "secret"], "env": ["KEY": "${dir}/key.txt"]]
        case .verb: return [:]
        }
    }
}
