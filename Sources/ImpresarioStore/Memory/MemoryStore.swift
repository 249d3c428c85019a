// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// A store that forgets: for tests and simulations.
public final class MemoryStore: Store {
    private struct State {
        /// By the part of the key before the first slash, so that a list looks at its own kind of record only.
        var tables: [Key: [Key: StoredRecord]] = [:]
        var revision: Revision = 0
        var isClosed = false

        subscript(_ key: String) -> StoredRecord? {
            let key = Key(key)
            return tables[key.table]?[key]
        }

        func records(under prefix: Key) -> [StoredRecord] {
            let found =
                prefix.bytes.contains(UInt8(ascii: "/"))
                ? tables[prefix.table].map { [$0] } ?? [] : Array(tables.values)
            return found.flatMap { $0.filter { $0.key.hasPrefix(prefix) } }.sorted { $0.key < $1.key }.map(\.value)
        }

        /// - Returns: nil when nothing changed.
        mutating func apply(_ write: Write, at revision: Revision) -> Change? {
            switch write {
            case .put(let key, let value):
                let key = Key(key)
                tables[key.table, default: [:]][key] = StoredRecord(key: write.key, value: value, revision: revision)
                return Change(key: write.key, value: value, revision: revision)
            case .delete(let key):
                let name = Key(key)
                guard tables[name.table]?.removeValue(forKey: name) != nil else { return nil }
                return Change(key: key, value: nil, revision: revision)
            }
        }
    }

    private let state = Mutex(State())
    private let feed: ChangeFeed

    public convenience init() { self.init(history: ChangeFeed.Limits()) }

    init(history: ChangeFeed.Limits) { feed = ChangeFeed(after: 0, limits: history) }

    public func get(_ key: String) async throws(StoreError) -> StoredRecord? {
        try open { $0[key] }
    }

    /// - Complexity: O(n) in the records of one kind.
    public func list(prefix: String) async throws(StoreError) -> (records: [StoredRecord], revision: Revision) {
        let prefix = Key(prefix)
        return try open { state in (state.records(under: prefix), state.revision) }
    }

    public func commit(_ transaction: Transaction) async throws(StoreError) -> Revision {
        try transaction.checkLimits()
        return try open { state throws(StoreError) in
            for precondition in transaction.preconditions {
                let found = state[precondition.key]
                guard precondition.holds(for: found) else { throw .conflict(precondition, found: found) }
            }
            let next = state.revision + 1
            let changes = transaction.writes.compactMap { state.apply($0, at: next) }
            guard !changes.isEmpty else { return state.revision }
            state.revision = next
            // Within the lock, so that revisions are published in order.
            feed.publish([changes])
            return next
        }
    }

    public func watch(prefix: String, from revision: Revision) -> AsyncThrowingStream<[Change], any Error> {
        feed.stream(prefix: prefix, from: revision)
    }

    public func close() async {
        state.withLock { $0.isClosed = true }
        feed.finish()
    }

    private func open<Value>(_ body: (inout sending State) throws(StoreError) -> sending Value) throws(StoreError) -> sending Value {
        try state.withLock { state throws(StoreError) in
            if state.isClosed { throw .closed }
            return try body(&state)
        }
    }
}
