// SPDX-License-Identifier: Apache-2.0

import Crypto
import FoundationEssentials
import ImpresarioModel
import ImpresarioStore

/// A move of a cluster to another version of its plugin: what the plugin had kept before, and what it had when the move ended.
struct MoveRecord: Codable, Hashable, Sendable {
    var operation: ID<Operation>
    var from: PluginPin
    var to: PluginPin
    var at: Timestamp
    /// Digests of records by name, such as `state/members` and `secrets/join`.
    var before: [String: String]
    /// Absent until the move has succeeded: before, only the move itself has written.
    var after: [String: String]?
    /// Records are being put back: what differs from `after` since then is no news.
    var isRestoring = false
}

/// Copies of a cluster's state and secrets, bytes as they are: secrets stay sealed, and open again only at their own place.
///
/// Every function may be repeated after an interruption at any point. Whoever calls them is alone with the cluster.
struct ClusterCopy: Sendable {
    let cluster: ID<Cluster>
    let store: any Store

    /// Of one cluster; more is refused rather than kept twice.
    static let recordLimit = 2_000
    static let byteLimit = 16 << 20

    /// All that the plugin has kept, by name.
    func current() async throws(Problem) -> [String: StoredRecord] {
        var result: [String: StoredRecord] = [:]
        for table in ["state", "secrets"] {
            let prefix = "\(table)/\(cluster)/"
            for record in try await list(prefix) { result["\(table)/\(record.key.dropFirst(prefix.count))"] = record }
        }
        return result
    }

    /// - Throws: `move-refused` when there is too much.
    func take(for operation: ID<Operation>, _ pins: Operation.PinChange, now: Timestamp) async throws(Problem) {
        let current = try await current()
        let size = current.values.reduce(0) { $0 + $1.value.count }
        guard current.count <= Self.recordLimit, size <= Self.byteLimit else {
            throw Problem(
                .moveRefused,
                "The plugin keeps \(current.count) records of \(size) bytes for the cluster; at most \(Self.recordLimit) of \(Self.byteLimit) bytes are copied.",
                owner: .plugin)
        }
        try await forget(operation)
        let target = Keys.copies(cluster, operation)
        try await commit(current.sorted { $0.key < $1.key }.map { .put(target + $0.key, $0.value.value) })
        // Last: with this record the copy is whole.
        try await put(
            MoveRecord(operation: operation, from: pins.from, to: pins.to, at: now, before: current.mapValues { Self.digest($0.value) }))
    }

    /// Nil unless a copy was made whole.
    func record(of operation: ID<Operation>) async throws(Problem) -> MoveRecord? {
        try await store.record(at: Keys.move(cluster, operation))
    }

    /// Moves that succeeded, oldest first; and one that could neither succeed nor be taken back.
    func records() async throws(Problem) -> [MoveRecord] {
        do {
            return try await list(Keys.moves(of: cluster)).map { try CanonicalJSON.decode(MoveRecord.self, from: $0.value) }
        } catch { throw Self.problem(error) }
    }

    func put(_ record: MoveRecord) async throws(Problem) {
        do { try await commit([.put(Keys.move(cluster, record.operation), try CanonicalJSON.encode(record))]) } catch {
            throw Self.problem(error)
        }
    }

    /// Marks the move as succeeded with what is there now. Copies of moves before it are given up.
    func complete(_ operation: ID<Operation>) async throws(Problem) {
        guard var record = try await record(of: operation) else { throw Problem(.internal, "The copy of the move is gone.") }
        record.after = try await current().mapValues { Self.digest($0.value) }
        try await put(record)
        for old in try await records() where old.operation != operation { try await forget(old.operation) }
    }

    /// Puts back what differs from the copy, and takes away what it does not hold.
    func restore(_ record: MoveRecord) async throws(Problem) {
        let source = Keys.copies(cluster, record.operation)
        var copied: [String: StoredRecord] = [:]
        for copy in try await list(source) { copied[String(copy.key.dropFirst(source.count))] = copy }
        guard Set(copied.keys) == Set(record.before.keys) else {
            throw Problem(.storeFailed, "The copy of state and secrets is not whole.")
        }
        let current = try await current()
        var writes: [Write] = []
        for (name, copy) in copied.sorted(by: { $0.key < $1.key }) where current[name]?.value != copy.value {
            writes.append(.put(key(of: name), copy.value))
        }
        for name in current.keys.sorted() where copied[name] == nil { writes.append(.delete(key(of: name))) }
        try await commit(writes)
    }

    func forget(_ operation: ID<Operation>) async throws(Problem) {
        try await commit(
            [.delete(Keys.move(cluster, operation))] + list(Keys.copies(cluster, operation)).map { .delete($0.key) })
    }

    /// What was written or deleted since the move ended, with the time where it is known.
    func news(since record: MoveRecord) async throws(Problem) -> [(name: String, at: Timestamp?)] {
        let current = try await current()
        let after = record.after ?? [:]
        return Set(current.keys).union(after.keys).sorted().compactMap { name in
            let now = current[name]
            guard now.map({ Self.digest($0.value) }) != after[name] else { return nil }
            return (name, now.flatMap { try? CanonicalJSON.decode(ClusterVault.Writing.self, from: $0.value) }?.at)
        }
    }

    private func key(of name: String) -> String {
        let (table, rest) = (name.prefix { $0 != "/" }, name.drop { $0 != "/" }.dropFirst())
        return "\(table)/\(cluster)/\(rest)"
    }

    private static func digest(_ bytes: Data) -> String { String(SHA256.hash(data: bytes).hexadecimal.prefix(32)) }

    private func list(_ prefix: String) async throws(Problem) -> [StoredRecord] {
        do { return try await store.list(prefix: prefix).records } catch { throw Ledger.problem(error) }
    }

    /// In as many transactions as the store's limits ask for.
    private func commit(_ writes: [Write]) async throws(Problem) {
        var batch: [Write] = []
        var size = 0
        for write in writes {
            var bytes = write.key.utf8.count
            if case .put(_, let value) = write { bytes += value.count }
            if !batch.isEmpty, batch.count == StoreLimits.operationsPerTransaction || size + bytes > StoreLimits.bytesPerTransaction {
                try await send(batch)
                (batch, size) = ([], 0)
            }
            batch.append(write)
            size += bytes
        }
        if !batch.isEmpty { try await send(batch) }
    }

    private func send(_ batch: [Write]) async throws(Problem) {
        do { _ = try await store.commit(Transaction(writes: batch)) } catch { throw Ledger.problem(error) }
    }

    private static func problem(_ error: any Error) -> Problem {
        (error as? StoreError).map(Ledger.problem) ?? Problem(wrapping: error)
    }
}
