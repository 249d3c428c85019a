// SPDX-License-Identifier: Apache-2.0

import CImpresario
public import FoundationEssentials

extension Call {
    /// [read] A document of the cluster's state. Keys are 1 ... 128 of `a-z A-Z 0-9 . _ - /`.
    ///
    /// - Returns: nil when there is none; the version is for ``putState(_:_:expecting:)``.
    public func state(_ key: String) throws(PluginProblem) -> (value: Data, version: UInt64)? {
        try optional { () throws(PluginProblem) in
            var version: UInt64 = 0
            let value = try answer { sink throws(PluginProblem) in
                try Arena.with { arena throws(PluginProblem) in
                    try check(host.pointee.state_get(pointer, arena.text(key), sink, &version))
                }
            }
            return (value, version)
        }
    }

    /// [write] Compare and swap: stores when the key's version still is `expecting` (0: when there is none). An empty value deletes. At most 256 KiB.
    ///
    /// - Returns: the new version, 0 after a delete.
    /// - Throws: ``PluginProblem/Status/conflict`` when it was not.
    @discardableResult
    public func putState(_ key: String, _ value: Data, expecting: UInt64) throws(PluginProblem) -> UInt64 {
        var version: UInt64 = 0
        try Arena.with { arena throws(PluginProblem) in
            try check(host.pointee.state_put(pointer, arena.text(key), arena.bytes(value), expecting, &version))
        }
        return version
    }

    /// [write] Reads a document, changes it and writes it back, again when somebody else was faster.
    ///
    /// - Parameter initial: what is changed when there is none.
    /// - Returns: what `change` answered the last time.
    public func updateState<Value: Codable, Result>(
        _ key: String, initial: Value, _ change: (inout Value) throws -> Result
    ) throws -> Result {
        for _ in 0..<10 {
            let old = try state(key)
            var value = try old.map { try JSONDecoder().decode(Value.self, from: $0.value) } ?? initial
            let result = try change(&value)
            let bytes = try JSONValue.data(value)
            if bytes == old?.value { return result }
            do {
                try putState(key, bytes, expecting: old?.version ?? 0)
                return result
            } catch {
                guard error.status == .conflict else { throw error }
            }
        }
        throw PluginProblem(.unavailable, code: "sdk.contention", "The cluster's state is changed by others all the time.", owner: .plugin)
    }

    /// [read] Like ``state(_:)`` for secrets: encrypted at rest, never logged.
    public func secret(_ name: String) throws(PluginProblem) -> (value: Data, version: UInt64)? {
        try optional { () throws(PluginProblem) in
            var version: UInt64 = 0
            let value = try answer { sink throws(PluginProblem) in
                try Arena.with { arena throws(PluginProblem) in
                    try check(host.pointee.secret_get(pointer, arena.text(name), sink, &version))
                }
            }
            return (value, version)
        }
    }

    /// [write] Like ``putState(_:_:expecting:)`` for secrets. At most 64 KiB.
    @discardableResult
    public func putSecret(_ name: String, _ value: Data, expecting: UInt64) throws(PluginProblem) -> UInt64 {
        var version: UInt64 = 0
        try Arena.with { arena throws(PluginProblem) in
            try check(host.pointee.secret_put(pointer, arena.text(name), arena.bytes(value), expecting, &version))
        }
        return version
    }
}
