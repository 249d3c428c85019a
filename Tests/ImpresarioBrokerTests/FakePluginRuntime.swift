// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
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
    }

    private let state = Mutex<(calls: [Called], failures: [String: [Problem]])>(([], [:]))

    var calls: [Called] { state.withLock { $0.calls } }

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
        Inspection(manifest: Self.manifest, sha256: String(repeating: "ab", count: 32), sandbox: [])
    }

    func register(_ pin: PluginPin, manifest: PluginManifest, library path: String) async {}

    func unregister(_ pin: PluginPin) async {}
    func quarantine(_ pin: PluginPin, reason: String) async {}
    func lift(_ pin: PluginPin) async {}
    var crashLoops: AsyncStream<CrashLoop> { AsyncStream { $0.finish() } }

    func call(_ call: PluginCall, services: any HostServices) async throws(Problem) -> JSONValue {
        let name =
            switch call.target {
            case .verb(let verb): verb.rawValue
            case .operation(let operation, _): operation.id
            }
        let failure = state.withLock { state in
            state.calls.append(Called(verb: name, attempt: call.context.operation.attempt))
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
            return [
                "groups": [
                    ["name": "leader", "role": "leader", "count": parameters["leaders"] ?? 1, "flavor": parameters["flavor"] ?? "small"],
                    [
                        "name": "follower", "role": "follower", "count": parameters["followers"] ?? 2, "batch": 2,
                        "flavor": parameters["flavor"] ?? "small", "packages": ["sample-server"],
                    ],
                ],
                "endpoints": [["name": "api", "group": "leader", "port": 80, "expose": "tenant"]],
            ]
        case .verb(.bootstrap):
            let leaders = context.nodes.filter { $0.role == "leader" }
            _ = try await services.execute(leaders.map { ($0.id, NodeCommand(["start"])) })
            services.progress(5000, phase: "half way")
            return ["joined": .array(leaders.map { .string($0.id) })]
        case .verb(.join):
            let ids = context.args["nodes"]?.array?.compactMap(\.string) ?? []
            _ = try await services.execute(ids.map { ($0, NodeCommand(["start"])) })
            return ["joined": .array(ids.map { .string($0) })]
        case .verb(.health): return ["health": .string(context.nodes.allSatisfy { $0.state == "joined" } ? "healthy" : "degraded")]
        case .verb(.credentials): return ["files": ["key.txt": "secret"], "env": ["KEY": "${dir}/key.txt"]]
        case .verb: return [:]
        }
    }
}
