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
