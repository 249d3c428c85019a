// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioInfrastructure
public import ImpresarioModel
public import ImpresarioPlugins
import Synchronization

/// A plugin in Swift closures with a type `toy` that has a parameter of every kind, for tests of what stands above the broker.
public final class FakeToyPlugin: PluginRuntime {
    private let gate: Gate?

    /// Holds every `bootstrap` until it is opened.
    public final class Gate: Sendable {
        private let stream: AsyncStream<Void>
        private let input: AsyncStream<Void>.Continuation
        public init() { (stream, input) = AsyncStream.makeStream() }
        public func open() { input.finish() }
        func pass() async { for await _ in stream {} }
    }

    public init(gate: Gate? = nil) { self.gate = gate }

    public static let schema: JSONValue = [
        "type": "object", "additionalProperties": false,
        "properties": [
            "nodes": ["type": "integer", "minimum": 1, "maximum": 9, "default": 2, "description": "How many nodes."],
            "flavor": ["type": "string", "default": "small", "description": "The size of each node."],
            "mode": ["type": "string", "enum": ["fast", "safe"], "default": "fast", "description": "What to prefer."],
            "tls": ["type": "boolean", "default": true, "description": "Whether clients speak TLS."],
            "ratio": ["type": "number", "description": "A share between 0 and 1."],
            "mirrorHosts": ["type": "array", "items": ["type": "string"], "description": "Where to fetch from first."],
            "pool": [
                "type": "object",
                "properties": [
                    "base": ["type": "string", "description": "The first address."],
                    "size": ["type": "integer", "description": "A prefix length."],
                ],
            ],
            "extra": ["type": "object", "description": "Settings that are handed on as they are."],
        ],
    ]

    static let updateSchema: JSONValue = [
        "type": "object", "additionalProperties": false,
        "properties": [
            "nodes": ["type": "integer", "minimum": 1, "maximum": 9, "default": 2, "description": "How many nodes."],
            "tls": ["type": "boolean", "description": "Whether clients speak TLS."],
            "mode": ["type": "string", "enum": ["fast", "safe"]],
        ],
    ]

    static func parameter(
        _ name: String, _ kind: TypedParameter.Kind, _ summary: String, isOut: Bool = false, isOptional: Bool = false,
        isSecret: Bool = false,
        defaultValue: JSONValue? = nil
    ) -> TypedParameter {
        TypedParameter(
            name: name, summary: summary, kind: kind, isOut: isOut, isOptional: isOptional, isSecret: isSecret, defaultValue: defaultValue,
            schema: nil)
    }

    public static let rotate = TypedOperation(
        id: "rotate-key", summary: "Makes a new key and answers it.", since: nil, deprecated: nil, isReadOnly: false, isIdempotent: false,
        isDestructive: true, isLong: false,
        parameters: [
            parameter("role", .string, "Whose key."), parameter("after", .duration, "When the old one ends.", isOptional: true),
            parameter("bits", .u32, "How long.", isOptional: true, defaultValue: 256),
            parameter("key", .string, "The new key.", isOut: true, isSecret: true),
            parameter("serial", .u64, "Its number.", isOut: true),
        ])

    public static let type = ClusterType(
        id: "toy", name: "Toy", summary: "A cluster that does nothing.", description: "For tests.", capabilities: ["credentials"],
        createSchema: schema, updateSchema: updateSchema, bindingSchema: nil, verbs: PluginVerb.allCases.map(\.rawValue),
        operations: [rotate])

    static let manifest = PluginManifest(
        id: "toy", version: "1.2.3", vendor: "Tests", license: "Apache-2.0", url: nil, stateFormat: 1, packages: [], types: [type])

    /// A library of this runtime is a text up to a zero: `broken`, `version 2.0.0`, `version 2.0.0 packages a,b`, or anything else for version 1.2.3.
    public func inspect(library path: String) async throws(Problem) -> Inspection {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8), text != "broken" else {
            throw Problem(.pluginInvalid, "The plugin cannot be used: it is broken.")
        }
        var manifest = Self.manifest
        let words = text.prefix { $0 != "\0" }.split(separator: " ").map(String.init)
        if words.count > 1, words[0] == "version" { manifest.version = words[1] }
        if words.count > 3, words[2] == "packages" { manifest.packages = words[3].split(separator: ",").map(String.init) }
        return Inspection(manifest: manifest, sha256: "", sandbox: [])
    }

    public func register(_ pin: PluginPin, manifest: PluginManifest, library path: String) async {}

    public func unregister(_ pin: PluginPin) async {}
    public func quarantine(_ pin: PluginPin, reason: String) async {}
    public func lift(_ pin: PluginPin) async {}
    public var crashLoops: AsyncStream<CrashLoop> { AsyncStream { $0.finish() } }

    public func call(_ call: PluginCall, services: any HostServices) async throws(Problem) -> JSONValue {
        let context = call.context
        switch call.target {
        case .operation(_, let arguments):
            return ["key": .string("secret-of-\(arguments["role"]?.string ?? "")"), "serial": 7]
        case .verb(.validate):
            let parameters = context.args["params"] ?? [:]
            if parameters["mode"]?.string == "safe", parameters["nodes"]?.integer == 2 {
                throw Problem(.invalidParameters, "Two nodes are not safe.", field: "/nodes", remedy: "Take 1 or 3.")
            }
            return ["params": parameters]
        case .verb(.plan):
            let parameters = context.args["params"] ?? [:]
            return [
                "groups": [["name": "node", "role": "node", "count": parameters["nodes"] ?? 2, "flavor": parameters["flavor"] ?? "small"]],
                "endpoints": [["name": "api", "group": "node", "port": 80, "expose": "tenant"]],
                // From major version 3 on it brings a newer engine.
                "version": call.plugin.version.hasPrefix("3.") ? "8.0" : "7.1",
            ]
        case .verb(.bootstrap), .verb(.join):
            services.progress(4_000, phase: "turning the key")
            await gate?.pass()
            return ["joined": .array(context.nodes.map { .string($0.id) })]
        case .verb(.health): return ["health": "healthy"]
        case .verb(.credentials):
            return ["files": ["key.pem": "private", "ca.pem": "public"], "env": ["TOY_DIR": "${dir}", "TOY_HOST": "it's $HOME"]]
        case .verb: return [:]
        }
    }
}
