// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioInfrastructure
import ImpresarioModel
import ImpresarioPlugins

/// Guests of one broker: they die with it. What they do, ``Verbs`` does; here is what goes wrong with them, and what is checked about how they
/// are called.
struct SimulatedPlugin: PluginRuntime {
    let world: World
    let life: Life
    let crashLoops = AsyncStream<CrashLoop> { _ in }

    func inspect(library path: String) async throws(Problem) -> Inspection { throw Problem(.pluginInvalid, "There are no libraries here.") }
    func register(_ pin: PluginPin, manifest: PluginManifest, library path: String) async {}
    func unregister(_ pin: PluginPin) async {}
    func quarantine(_ pin: PluginPin, reason: String) async {}
    func lift(_ pin: PluginPin) async {}

    func call(_ call: PluginCall, services: any HostServices) async throws(Problem) -> JSONValue {
        let (name, kind): (String, PluginVerb.Class) =
            switch call.target {
            case .verb(let verb): (verb.rawValue, verb.verbClass)
            case .operation(let operation, _): (operation.id, .write)
            }
        return try await life.cross("plugin \(name) for \(call.context.cluster.id)", dead: .dead) { () throws(Problem) in
            // Pure ones are as sure as a function is; a third of the work, and nothing can come between.
            if kind == .pure { return try await Verbs(call: call, services: services).answer() }
            return try await guarded(call, name, isWrite: kind == .write, services)
        }
    }

    private func guarded(
        _ call: PluginCall, _ name: String, isWrite: Bool, _ services: any HostServices
    ) async throws(Problem) -> JSONValue {
        let cluster = ID<Cluster>(call.context.cluster.id)
        let operation = call.context.operation
        world.watch.checkCall(name, operation: operation, isWrite: isWrite)
        if call.timeout <= .zero { world.violation("the plugin was called with '\(name)' and no time for it") }
        world.engines.begin(name, isWrite: isWrite, cluster: cluster, operation: operation.id, attempt: operation.attempt)
        let era = world.engines.era
        defer { world.engines.end(isWrite: isWrite, cluster: cluster, era: era) }
        let chances = world.chances
        if world.chance(chances.crash) { throw Problem(.pluginCrashed, "Simulated: the plugin crashed before it did anything.") }
        if world.chance(chances.busy) {
            throw Problem(
                pluginCode: "sample.busy", message: "Simulated: busy.", field: nil, detail: nil, owner: .plugin, isRetryable: true)
        }
        let isHanging = world.chance(chances.pluginHang)
        let answer: JSONValue
        do {
            answer = try await withThrowingTaskGroup(of: JSONValue.self) { group in
                group.addTask {
                    if isHanging { try await world.time.sleep(for: .seconds(86_400)) }
                    return try await Verbs(call: call, services: services).answer()
                }
                group.addTask {
                    try await world.time.sleep(for: call.timeout)
                    throw Problem(.deadlineExceeded, "The plugin did not answer '\(name)' in time and was killed.")
                }
                defer { group.cancelAll() }
                return try await group.next() ?? .null
            }
        } catch let problem as Problem {
            if Task.isCancelled { await linger() }
            throw problem
        } catch {
            await linger()
            throw Problem(.cancelled, "The call was cancelled.")
        }
        if world.chance(chances.crash) { throw Problem(.pluginCrashed, "Simulated: the plugin crashed after its work.") }
        if world.chance(chances.nonsense) { return ["joined": ["n-nobody"], "health": "splendid"] }
        return answer
    }

    /// One who is asked to stop does not stop at once.
    private func linger() async {
        let pause = world.random.milliseconds(0...30)
        await Task(executorPreference: world.executor) { try? await world.time.sleep(for: pause) }.value
    }

    // MARK: what it says of itself

    static let schema: JSONValue = [
        "type": "object", "additionalProperties": false,
        "properties": [
            "leaders": ["type": "integer", "minimum": 1, "maximum": 5, "default": 1],
            "followers": ["type": "integer", "minimum": 0, "maximum": 20, "default": 1],
            "surge": ["type": "integer", "minimum": 0, "maximum": 2, "default": 0],
            "flavor": ["type": "string", "default": "small"],
            "note": ["type": "string", "default": ""],
            "version": ["type": "string", "default": "1"],
        ],
    ]

    static func manifest(_ version: String, stateFormat: Int) -> PluginManifest {
        PluginManifest(
            id: "sample", version: version, vendor: "Simulation", license: "Apache-2.0", url: nil, stateFormat: stateFormat, packages: [],
            types: [
                ClusterType(
                    id: "sample", name: "Sample", summary: "For simulations", description: "", capabilities: ["hibernate"],
                    createSchema: schema, updateSchema: schema, bindingSchema: nil, verbs: PluginVerb.allCases.map(\.rawValue),
                    operations: [
                        TypedOperation(
                            id: "poke", summary: "Pokes", since: nil, deprecated: nil, isReadOnly: false, isIdempotent: true,
                            isDestructive: false, isLong: false, parameters: [])
                    ])
            ])
    }

    /// One that is enabled, and its successor, which keeps its state in another form.
    static func versions(_ now: Timestamp) -> [Plugin] {
        [("1.0.0", 1, Plugin.State.enabled), ("2.0.0", 2, .disabled)].map { version, format, state in
            Plugin(
                pin: PluginPin(id: "sample", version: version, sha256: String(repeating: String(version.prefix(1)), count: 64)),
                manifest: manifest(version, stateFormat: format), state: state, sandbox: [], installedAt: now, approvedPackages: [])
        }
    }
}
