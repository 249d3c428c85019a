// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials

/// State and secrets as values of the plugin's own, kept as JSON.
extension Call {
    /// [read] A document of the cluster's state.
    ///
    /// - Returns: nil when there is none.
    /// - Throws: `DecodingError` for one that is not of this type; thrown out of a verb it names the member.
    public func state<Value: Decodable>(_ key: String, as type: Value.Type) throws -> Value? {
        try state(key).map { try JSONDecoder().decode(type, from: $0.value) }
    }

    /// [write] Reads a document of the state, changes it and writes it back; again from the start when somebody else was faster.
    ///
    /// - Parameters:
    ///   - initial: what is changed when there is none.
    ///   - change: may run several times, each time on what is stored then. What it throws ends it all.
    /// - Returns: what `change` answered the last time.
    public func updateState<Value: Codable, Result>(
        _ key: String, initial: Value, _ change: (inout Value) throws -> Result
    ) throws -> Result {
        try update(
            initial, change, read: { try state(key) },
            write: { value, version throws(PluginProblem) in try putState(key, value, expecting: version) })
    }

    /// [write] Takes a document of the state away, whatever it holds. One that is gone already is no error.
    public func deleteState(_ key: String) throws {
        try delete(read: { try state(key) }, write: { version throws(PluginProblem) in try putState(key, Data(), expecting: version) })
    }

    /// [read] A document among the cluster's secrets.
    ///
    /// - Returns: nil when there is none.
    public func secret<Value: Decodable>(_ name: String, as type: Value.Type) throws -> Value? {
        try secret(name).map { try JSONDecoder().decode(type, from: $0.value) }
    }

    /// [write] Like ``updateState(_:initial:_:)`` for secrets.
    public func updateSecret<Value: Codable, Result>(
        _ name: String, initial: Value, _ change: (inout Value) throws -> Result
    ) throws -> Result {
        try update(
            initial, change, read: { try secret(name) },
            write: { value, version throws(PluginProblem) in try putSecret(name, value, expecting: version) })
    }

    /// [write] Takes a secret away. One that is gone already is no error.
    public func deleteSecret(_ name: String) throws {
        try delete(read: { try secret(name) }, write: { version throws(PluginProblem) in try putSecret(name, Data(), expecting: version) })
    }

    private func update<Value: Codable, Result>(
        _ initial: Value, _ change: (inout Value) throws -> Result, read: () throws -> (value: Data, version: UInt64)?,
        write: (Data, UInt64) throws(PluginProblem) -> Void
    ) throws -> Result {
        for _ in 0..<10 {
            let old = try read()
            var value = try old.map { try JSONDecoder().decode(Value.self, from: $0.value) } ?? initial
            let result = try change(&value)
            let bytes = try JSONValue.data(value)
            if bytes == old?.value { return result }
            do {
                try write(bytes, old?.version ?? 0)
                return result
            } catch {
                guard error.status == .conflict else { throw error }
                try checkCancellation()
            }
        }
        throw Self.contention
    }

    private func delete(
        read: () throws -> (value: Data, version: UInt64)?, write: (UInt64) throws(PluginProblem) -> Void
    ) throws {
        for _ in 0..<10 {
            guard let old = try read() else { return }
            do { return try write(old.version) } catch {
                guard error.status == .conflict else { throw error }
                try checkCancellation()
            }
        }
        throw Self.contention
    }

    private static var contention: PluginProblem {
        PluginProblem(.unavailable, code: "sdk.contention", "The cluster's state is changed by others all the time.", owner: .plugin)
    }
}
