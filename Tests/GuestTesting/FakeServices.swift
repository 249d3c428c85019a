// SPDX-License-Identifier: Apache-2.0

public import Foundation
public import ImpresarioInfrastructure
public import ImpresarioModel
public import ImpresarioPlugins
import Synchronization

/// Host services in memory that remember what was asked.
public final class FakeServices: HostServices {
    public struct Record: Sendable {
        public var commands: [(node: String, command: NodeCommand)] = []
        public var files: [(node: String, file: NodeFile)] = []
        public var services: [ServiceSpecification] = []
        public var logs: [String] = []
        public var progress: [Int] = []
        public var events: [String] = []
        public var isInExec = false
        var values: [String: (value: Data, version: UInt64)] = [:]
    }

    private let state = Mutex(Record())
    private let failure: Problem?
    private let isHanging: Bool

    /// - Parameters:
    ///   - failure: what `execute` throws.
    ///   - hangs: whether `execute` waits until it is cancelled.
    public init(failure: Problem? = nil, hangs: Bool = false) {
        self.failure = failure
        isHanging = hangs
    }

    public var record: Record { state.withLock { $0 } }

    public func execute(_ commands: [(node: String, command: NodeCommand)]) async throws(Problem) -> [CommandOutcome] {
        state.withLock { $0.commands += commands }
        if let failure { throw failure }
        if isHanging {
            state.withLock { $0.isInExec = true }
            do {
                try await Task.sleep(for: .seconds(3600))
            } catch {
                state.withLock { $0.isInExec = false }
                throw Problem(.cancelled, "The command was cancelled.")
            }
        }
        return commands.map { node, command in
            CommandOutcome(
                exitCode: node == "n2" ? 3 : 0, output: Data("\(node):\(command.arguments.last ?? "");".utf8), error: Data(),
                timedOut: node == "n2")
        }
    }

    public func put(_ files: [(node: String, file: NodeFile)]) async throws(Problem) { state.withLock { $0.files += files } }

    public func get(node: String, path: String, limit: Int) async throws(Problem) -> Data { Data("content of \(path)".utf8) }

    public func declare(nodes: [String], service: ServiceSpecification) async throws(Problem) {
        state.withLock { $0.services += nodes.map { _ in service } }
    }

    public func state(_ key: String) async throws(Problem) -> (value: Data, version: UInt64)? {
        state.withLock { $0.values["state/" + key] }
    }

    public func putState(_ key: String, _ value: Data, expecting: UInt64) async throws(Problem) -> UInt64 {
        try store("state/" + key, value, expecting: expecting)
    }

    public func secret(_ name: String) async throws(Problem) -> (value: Data, version: UInt64)? {
        state.withLock { $0.values["secret/" + name] }
    }

    public func putSecret(_ name: String, _ value: Data, expecting: UInt64) async throws(Problem) -> UInt64 {
        try store("secret/" + name, value, expecting: expecting)
    }

    public func keyPair(_ name: String, profile: JSONValue) async throws(Problem) -> Data { Data("{\"cert\":\"\(name)\"}".utf8) }

    public func issueCertificate(request: String, profile: JSONValue) async throws(Problem) -> Data { Data("chain".utf8) }

    public func revocationList(authority: String, serials: [String]) async throws(Problem) -> Data { Data("crl".utf8) }

    public func log(severity: Int, message: String, fields: JSONValue?) { state.withLock { $0.logs.append(message) } }

    public func progress(_ per10000: Int, phase: String) { state.withLock { $0.progress.append(per10000) } }

    public func event(_ type: String, data: JSONValue) { state.withLock { $0.events.append(type) } }

    private func store(_ key: String, _ value: Data, expecting: UInt64) throws(Problem) -> UInt64 {
        let version: UInt64? = state.withLock { record in
            guard record.values[key]?.version ?? 0 == expecting else { return nil }
            record.values[key] = (value, expecting + 1)
            return expecting + 1
        }
        guard let version else { throw Problem(.conflict, "Somebody else was faster.") }
        return version
    }
}
