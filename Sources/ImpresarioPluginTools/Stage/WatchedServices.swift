// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioInfrastructure
import ImpresarioModel
import ImpresarioPlugins
import Synchronization

/// The broker's host services with somebody at the door: counts and records what a plugin asks for, and interferes where it was told to.
final class WatchedServices: HostServices {
    struct Record: Sendable {
        var calls: [HostCall] = []
        /// Forbidden host functions, each once.
        var violations: [String] = []
        var logs: [String] = []
        var hasInterfered = false
        /// Asked for after the cancellation.
        var refused: [HostCall] = []
        /// Last values that were put, by key.
        var state: [String: Data] = [:]
        var secrets: [String: Data] = [:]
    }

    private let inner: any HostServices
    private let interference: Interference?
    /// Kills the guest or cancels the call.
    private let act: @Sendable () async -> Void
    private let onCall: @Sendable (HostCall) -> Void
    private let onLog: @Sendable (String) -> Void
    /// Names of nodes by id.
    private let names: [String: String]
    private let state = Mutex(Record())

    init(
        _ inner: any HostServices, names: [String: String], interference: Interference? = nil,
        act: @escaping @Sendable () async -> Void = {}, onCall: @escaping @Sendable (HostCall) -> Void = { _ in },
        onLog: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.inner = inner
        self.names = names
        self.interference = interference
        self.act = act
        self.onCall = onCall
        self.onLog = onLog
    }

    var record: Record { state.withLock { $0 } }

    // MARK: -

    private func watch<Value: Sendable>(
        _ function: String, _ about: String, subject: String? = nil, instead: Value? = nil,
        answer: (Value) -> String? = { _ in nil }, _ body: () async throws(Problem) -> Value
    ) async throws(Problem) -> Value {
        let (number, isCancelled) = state.withLock { record in
            record.calls.append(
                HostCall(number: record.calls.count + 1, function: function, about: about, subject: "\(function) \(subject ?? about)"))
            return (record.calls.count, interference?.kind == .cancel && record.hasInterfered)
        }
        let start = ContinuousClock.now
        let result: Result<Value, Problem>
        if isCancelled {
            result = .failure(Self.cancelled)
        } else if let interference, interference.number == number {
            result = await interfere(interference.kind, instead: instead, body)
        } else {
            result = await outcome { () throws(Problem) in try await body() }
        }
        let said = (try? result.get()).flatMap(answer)
        let call = state.withLock { record in
            record.calls[number - 1].duration = ContinuousClock.now - start
            switch result {
            case .failure(let problem): record.calls[number - 1].problem = problem
            case .success: record.calls[number - 1].answer = said
            }
            if interference?.number == number {
                record.calls[number - 1].isInjected = true
                record.hasInterfered = true
            }
            if isCancelled { record.refused.append(record.calls[number - 1]) }
            return record.calls[number - 1]
        }
        onCall(call)
        return try result.get()
    }

    private func interfere<Value>(
        _ kind: Interference.Kind, instead: Value?, _ body: () async throws(Problem) -> Value
    ) async -> Result<Value, Problem> {
        switch kind {
        case .exitCode where instead != nil:
            return instead.map { .success($0) } ?? .failure(Self.injected)
        case .fail, .exitCode:
            return .failure(Self.injected)
        case .failAfterwards:
            do { _ = try await body() } catch { return .failure(error) }
            return .failure(Self.injected)
        case .kill:
            let result = await outcome { () throws(Problem) in try await body() }
            await act()
            return result
        case .cancel:
            await act()
            return .failure(Self.cancelled)
        }
    }

    private static let injected = Problem(.nodeUnreachable, "The node could not be reached (a fault injected by the verifier).")
    private static let cancelled = Problem(.cancelled, "The call was cancelled.")

    private func name(_ node: String) -> String { names[node] ?? node }

    static func cut(_ text: String, _ length: Int = 90) -> String {
        let line = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return line.count > length ? line.prefix(length) + "…" : line
    }

    // MARK: - HostServices

    func execute(_ commands: [(node: String, command: NodeCommand)]) async throws(Problem) -> [CommandOutcome] {
        let first = commands.first.map { "\(name($0.node)): \(Self.cut($0.command.arguments.joined(separator: " ")))" } ?? ""
        let failed = commands.map { _ in CommandOutcome(exitCode: 1, output: Data(), error: Data()) }
        return try await watch(
            "node_exec", commands.count > 1 ? "\(first) and \(commands.count - 1) more" : first, instead: failed,
            answer: { outcomes in
                let codes = outcomes.map(\.exitCode)
                return codes.allSatisfy { $0 == 0 } ? nil : "exit \(codes.map(String.init).joined(separator: ", "))"
            }
        ) { () throws(Problem) in try await inner.execute(commands) }
    }

    func put(_ files: [(node: String, file: NodeFile)]) async throws(Problem) {
        let all = files.map { "\($0.file.path) on \(name($0.node))" }
        try await watch("node_put", Self.cut(all.joined(separator: ", ")), subject: all.joined(separator: ", ")) { () throws(Problem) in
            try await inner.put(files)
        }
    }

    func get(node: String, path: String, limit: Int) async throws(Problem) -> Data {
        try await watch("node_get", "\(path) on \(name(node))") { () throws(Problem) in
            try await inner.get(node: node, path: path, limit: limit)
        }
    }

    func declare(nodes: [String], service: ServiceSpecification) async throws(Problem) {
        let about = "\(service.name) \(service.state.rawValue) on \(nodes.map(name).joined(separator: ", "))"
        try await watch("node_service", Self.cut(about), subject: about) { () throws(Problem) in
            try await inner.declare(nodes: nodes, service: service)
        }
    }

    func state(_ key: String) async throws(Problem) -> (value: Data, version: UInt64)? {
        try await watch("state_get", key, answer: { $0 == nil ? "none" : nil }) { () throws(Problem) in try await inner.state(key) }
    }

    func putState(_ key: String, _ value: Data, expecting: UInt64) async throws(Problem) -> UInt64 {
        let version = try await watch("state_put", "\(key), \(value.count) bytes, expecting version \(expecting)", subject: key) {
            () throws(Problem) in try await inner.putState(key, value, expecting: expecting)
        }
        state.withLock { $0.state[key] = value }
        return version
    }

    func secret(_ name: String) async throws(Problem) -> (value: Data, version: UInt64)? {
        try await watch("secret_get", name, answer: { $0 == nil ? "none" : nil }) { () throws(Problem) in try await inner.secret(name) }
    }

    func putSecret(_ name: String, _ value: Data, expecting: UInt64) async throws(Problem) -> UInt64 {
        let version = try await watch("secret_put", "\(name), expecting version \(expecting)", subject: name) { () throws(Problem) in
            try await inner.putSecret(name, value, expecting: expecting)
        }
        state.withLock { $0.secrets[name] = value }
        return version
    }

    func keyPair(_ name: String, profile: JSONValue) async throws(Problem) -> Data {
        try await watch("key_pair", name) { () throws(Problem) in try await inner.keyPair(name, profile: profile) }
    }

    func issueCertificate(request: String, profile: JSONValue) async throws(Problem) -> Data {
        try await watch("cert_issue", profile["cn"]?.string ?? "") { () throws(Problem) in
            try await inner.issueCertificate(request: request, profile: profile)
        }
    }

    func revocationList(authority: String, serials: [String]) async throws(Problem) -> Data {
        try await watch("revocation_list", "\(authority), \(serials.count) serials", subject: authority) { () throws(Problem) in
            try await inner.revocationList(authority: authority, serials: serials)
        }
    }

    func log(severity: Int, message: String, fields: JSONValue?) {
        if fields?["host"]?.string == "not-allowed", let function = fields?["function"]?.string {
            state.withLock { if !$0.violations.contains(function) { $0.violations.append(function) } }
        } else {
            state.withLock { $0.logs.append(message) }
        }
        onLog(message)
        inner.log(severity: severity, message: message, fields: fields)
    }

    func progress(_ per10000: Int, phase: String) { inner.progress(per10000, phase: phase) }
    func event(_ type: String, data: JSONValue) { inner.event(type, data: data) }
}

/// What `Result(catching:)` is for functions that wait.
func outcome<Value>(_ body: () async throws(Problem) -> Value) async -> Result<Value, Problem> {
    do { return .success(try await body()) } catch { return .failure(error) }
}
