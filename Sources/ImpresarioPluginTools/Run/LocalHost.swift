// SPDX-License-Identifier: Apache-2.0

import ImpresarioBroker
public import ImpresarioModel
import ImpresarioPlugins

/// A host for one cluster and its plugin's author: makes the cluster, does what it is told, and tells all that happens.
public final class LocalHost {
    private let stage: Stage
    private let guests: Guests
    private let tell: @Sendable (String) -> Void
    private var cluster: StagedCluster?
    private var create = ""
    /// By name.
    private var left: [String: Node] = [:]

    private init(_ stage: Stage, _ guests: Guests, _ tell: @escaping @Sendable (String) -> Void) {
        self.stage = stage
        self.guests = guests
        self.tell = tell
    }

    /// What the plugin says of itself.
    ///
    /// - Throws: ``Problem`` when it cannot be loaded.
    public static func manifest(of library: String, guest: String) async throws(Problem) -> PluginManifest {
        try await LoadChecks.inspect(library, guest).get().manifest
    }

    /// Runs the body with a host; its cluster's nodes and its processes are gone at the end.
    ///
    /// - Parameters:
    ///   - waitsForDebugger: each process waits for a debugger before it loads the library, and nothing has a deadline.
    ///   - tell: gets the transcript, line by line.
    public static func with(
        library path: String, guest: String, ground: Ground, type: ClusterType, waitsForDebugger: Bool,
        tell: @escaping @Sendable (String) -> Void, _ body: (LocalHost) async throws -> Void
    ) async throws {
        let found = try await LoadChecks.inspect(path, guest).get()
        let pin = PluginPin(id: found.manifest.id, version: found.manifest.version, sha256: found.sha256)
        var options = Library.options
        options.test.waitsForDebugger = waitsForDebugger
        let long = Duration.seconds(7 * 86_400)
        if waitsForDebugger { options.startTimeout = long }
        var stage = Stage(library: Library(path: path, guest: guest, pin: pin, manifest: found.manifest), type: type, ground: ground)
        if waitsForDebugger { stage.callTimeout = long }
        try await stage.library.withGuests(options) { [stage] guests in
            guests.lines.follow { line in tell(Self.said(line)) }
            let host = LocalHost(stage, guests, tell)
            let result: Result<Void, any Error>
            do { result = .success(try await body(host)) } catch { result = .failure(error) }
            try? await host.cluster?.destroyNodes()
            try result.get()
        }
    }

    private static func said(_ line: String) -> String {
        let mark = "waiting for a debugger on process "
        guard line.hasPrefix(mark) else { return "    plugin: \(line)" }
        let process = line.dropFirst(mark.count)
        return """
            waiting for a debugger on process \(process), before the library is loaded:
                gdb -iex 'set sysroot /' -p \(process) -ex 'set breakpoint pending on' -ex 'break imp_plugin_v0' -ex continue
            """
    }

    // MARK: - What it can be told

    /// Validate, plan, nodes, bootstrap, join, healthy.
    public func make(_ parameters: JSONValue) async throws {
        let schema = try JSONSchema(stage.type.createSchema)
        let complete = schema.applyingDefaults(to: parameters)
        let errors = schema.validate(complete, at: "/parameters")
        if var first = errors.first {
            if errors.count > 1 { first.errors = errors }
            throw first
        }
        let validated = try told(await stage.pure(.validate, complete, in: guests))
        let validation: ValidationResult = try validated.answer(of: stage.library.pin, to: .validate)
        for warning in validation.warnings ?? [] { tell("    warning: \(warning)") }
        let plan: ClusterPlan = try told(await stage.pure(.plan, validation.params, in: guests)).answer(of: stage.library.pin, to: .plan)
        try PlanCheck.check(plan, manifest: stage.library.manifest)
        let cluster = try StagedCluster(stage, parameters: validation.params, plan: plan, name: "run")
        self.cluster = cluster
        cluster.onCall = { [tell] call in tell(call.line) }
        cluster.onLog = { [tell] line in tell("    log: \(line)") }
        let start = ContinuousClock.now
        try await cluster.provision()
        tell("nodes: \(cluster.nodes.map { "\($0.name) \($0.address)" }.joined(separator: ", ")) (\((ContinuousClock.now - start).words))")
        create = cluster.operation("create")
        try await bootstrap(attempt: 1)
        try await health(waiting: true)
    }

    private func bootstrap(attempt: Int) async throws {
        let cluster = try standing()
        let run = try await cluster.bootstrap(operation: create, attempt: attempt, in: guests)
        _ = try told(run)
        _ = try cluster.markJoined(run, by: .bootstrap)
        if let join = try await cluster.joinRest(operation: create, attempt: attempt, in: guests) { _ = try told(join) }
    }

    private var attempt = 1

    /// Bootstrap and join again, as the broker does after an interruption.
    public func again() async throws {
        attempt += 1
        try await bootstrap(attempt: attempt)
    }

    public func health(waiting: Bool = false) async throws {
        let (report, run) = try await standing().health(in: guests, within: waiting ? nil : .zero) { $0.health == .healthy }
        _ = try told(run)
        tell("health: \(report.words)")
    }

    public func credentials(_ binding: String) async throws -> JSONValue {
        try await verb(.credentials, kind: "credentials", args: ["binding": .string(binding)])
    }

    public func revoke(_ binding: String) async throws {
        _ = try await verb(.revoke, kind: "revoke", args: ["binding": .string(binding)])
    }

    public func destroy() async throws { _ = try await verb(.destroy, kind: "delete", args: [:]) }

    /// A node's machine stops, or starts again.
    public func setRunning(_ isRunning: Bool, node name: String) async throws {
        let node = try node(name)
        if isRunning { try await standing().start(node) } else { try await standing().stop(node) }
        tell("\(node.name) \(isRunning ? "runs" : "is stopped")")
    }

    /// A member that lives leaves, and its machine is destroyed.
    public func leave(node name: String) async throws {
        let node = try node(name)
        _ = try await verb(
            .leave, kind: "resize", args: ["nodes": [.string(node.id.rawValue)], "lost": false, "drain_deadline": 10])
        try await standing().drop(node)
        left[node.name] = node
        tell("\(node.name) is gone")
    }

    /// A new machine takes the place of one that left.
    public func join(node name: String) async throws {
        let cluster = try standing()
        guard let old = left[name] else {
            throw Problem(
                .invalidUsage, "No node '\(name)' has left.", remedy: "Those who left: \(left.keys.sorted().joined(separator: ", ")).")
        }
        let node = try await cluster.add(replacing: old)
        left[name] = nil
        let run = try await cluster.call(
            .verb(.join), operation: cluster.operation("join"), kind: "repair", args: ["nodes": [.string(node.id.rawValue)]], in: guests)
        _ = try told(run)
        _ = try cluster.markJoined(run, by: .join)
    }

    public func perform(_ operation: TypedOperation, _ arguments: [String: JSONValue]) async throws -> JSONValue {
        let cluster = try standing()
        var arguments = arguments
        for parameter in operation.parameters where parameter.kind == .node && !parameter.isOut {
            guard let name = arguments[parameter.name]?.string, let node = cluster.nodes.first(where: { $0.name == name }) else { continue }
            arguments[parameter.name] = .string(node.id.rawValue)
        }
        return try told(
            try await cluster.call(
                .operation(operation, arguments: arguments), operation: cluster.operation("operation"), kind: "operation", in: guests))
    }

    // MARK: -

    private func verb(_ verb: PluginVerb, kind: String, args: JSONValue) async throws -> JSONValue {
        guard stage.has(verb) else { throw Problem(.invalidUsage, "The type '\(stage.type.id)' has no \(verb.rawValue).") }
        let cluster = try standing()
        return try told(try await cluster.call(.verb(verb), operation: cluster.operation(kind), kind: kind, args: args, in: guests))
    }

    private func node(_ name: String) throws(Problem) -> Node {
        let nodes = try standing().nodes
        guard let node = nodes.first(where: { $0.name == name || $0.id.rawValue == name }) else {
            throw Problem(.invalidUsage, "There is no node '\(name)'.", remedy: "There are: \(nodes.map(\.name).joined(separator: ", ")).")
        }
        return node
    }

    private func standing() throws(Problem) -> StagedCluster {
        guard let cluster else { throw Problem(.invalidUsage, "There is no cluster yet.") }
        return cluster
    }

    /// Tells how a call ended.
    private func told(_ run: CallRecord) throws(Problem) -> JSONValue {
        for function in run.record.violations { tell("    forbidden: \(run.what) called \(function), which it may not") }
        switch run.result {
        case .success(let answer):
            tell("\(run.what): ok in \(run.duration.words): \(answer.excerpt)")
            return answer
        case .failure(let problem):
            tell("\(run.what): \(problem.code) in \(run.duration.words): \(problem.told)")
            throw problem
        }
    }
}

extension HostCall {
    /// For the transcript.
    fileprivate var line: String {
        let answer = problem.map { "\($0.code): \(WatchedServices.cut($0.message))" } ?? answer ?? "ok"
        return "    \(function)  \(about)  -> \(answer) (\(duration.words))"
    }
}
