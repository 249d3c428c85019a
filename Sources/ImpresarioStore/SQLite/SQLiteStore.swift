// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
public import Logging
import Synchronization

/// The store of one machine: one SQLite file in WAL mode, flushed to the disk with every commit.
///
/// Writers are batched: those that arrive while a batch is on its way to the disk share the next one. Reads run beside writes on connections
/// of their own. History for ``watch(prefix:from:)`` is held in memory, so it begins anew when the store is opened.
///
/// Keep other processes from writing to the same file: ``DataFolder`` does.
public final class SQLiteStore: Store {
    struct Options: Sendable {
        var history = ChangeFeed.Limits()
        var queue = CommitQueue.Limits()
    }

    private let path: String
    private let logger: Logger
    private let feed: ChangeFeed
    private let queue: Mutex<CommitQueue>
    let pool: DatabasePool

    /// Opens or creates the file; an older schema is migrated.
    ///
    /// - Throws: ``StoreError/failed(_:)`` when the file cannot be opened, belongs to another program or was written by a newer version.
    public convenience init(path: String, logger: Logger) throws(StoreError) {
        try self.init(path: path, logger: logger, options: Options())
    }

    init(path: String, logger: Logger, options: Options) throws(StoreError) {
        do {
            var configuration = Configuration()
            configuration.label = "store"
            // An admin's sqlite3 shell may hold the file for a moment.
            configuration.busyMode = .timeout(5)
            pool = try DatabasePool(path: path, configuration: configuration)
            try pool.writeWithoutTransaction { db in
                // GRDB sets NORMAL with WAL mode, which may lose the last commits with the power.
                try db.execute(sql: "PRAGMA synchronous = FULL")
                try SQLiteSchema.prepare(db, path: path)
            }
            try SQLiteSchema.migrator.migrate(pool)
            feed = ChangeFeed(after: try pool.read(SQLiteRecords.revision), limits: options.history)
        } catch {
            let error = StoreError(sqlite: error)
            if case .failed(let why) = error, !why.contains(path) { throw .failed("\(path) cannot be opened: \(why)") }
            throw error
        }
        self.path = path
        self.logger = logger
        queue = Mutex(CommitQueue(limits: options.queue))
    }

    public func get(_ key: String) async throws(StoreError) -> StoredRecord? {
        try await read { try SQLiteRecords.get(key, $0) }
    }

    public func list(prefix: String) async throws(StoreError) -> (records: [StoredRecord], revision: Revision) {
        let prefix = Key(prefix)
        return try await read { (try SQLiteRecords.list(prefix: prefix, $0), try SQLiteRecords.revision($0)) }
    }

    public func commit(_ transaction: Transaction) async throws(StoreError) -> Revision {
        try transaction.checkLimits()
        let result = await withCheckedContinuation { continuation in
            let item = CommitQueue.Item(transaction: transaction, continuation: continuation)
            let refusal = queue.withLock { queue -> StoreError? in
                switch queue.add(item) {
                case .refused(let error): return error
                case .queued: return nil
                case .queuedAsDrainer:
                    // Within the lock, so that `close` comes behind everything that was let in.
                    pool.asyncWriteWithoutTransaction { self.drain($0) }
                    return nil
                }
            }
            if let refusal { continuation.resume(returning: .failure(refusal)) }
        }
        return try result.get()
    }

    public func watch(prefix: String, from revision: Revision) -> AsyncThrowingStream<[Change], any Error> {
        feed.stream(prefix: prefix, from: revision)
    }

    public func close() async {
        queue.withLock { $0.close() }
        // Behind every drainer, as accesses of the writer are served in order.
        try? await pool.writeWithoutTransaction { _ in }
        feed.finish()
        do { try pool.close() } catch { logger.warning("store not closed", metadata: ["path": "\(path)", "error": "\(error)"]) }
    }

    private func read<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws(StoreError) -> Value {
        do {
            return try await pool.read(body)
        } catch {
            throw queue.withLock { $0.isClosed } ? .closed : StoreError(sqlite: error)
        }
    }

    private func drain(_ db: Database) {
        while let batch = queue.withLock({ $0.nextBatch() }) {
            let outcomes = SQLiteWriter.write(batch.map(\.transaction), db)
            // Before anyone is answered: who has committed finds the change in a watch.
            feed.publish(outcomes.compactMap { try? $0.get().changes }.filter { !$0.isEmpty })
            for (item, outcome) in zip(batch, outcomes) {
                if case .failure(.failed(let why)) = outcome {
                    logger.error("commit failed", metadata: ["path": "\(path)", "error": "\(why)"])
                }
                item.continuation.resume(returning: outcome.map(\.revision))
            }
        }
    }
}
