// SPDX-License-Identifier: Apache-2.0

import GRDB

/// Writes a batch of transactions with one fsync. Runs on the connection's own thread.
enum SQLiteWriter {
    /// What a transaction led to; `changes` is empty when it changed nothing.
    typealias Outcome = Result<(revision: Revision, changes: [Change]), StoreError>

    /// One outcome for each transaction, in order. A transaction fails alone; when the medium fails for the batch as a whole, each is tried
    /// by itself, so that a large one at the end of a full disk does not take small ones with it.
    static func write(_ batch: [Transaction], _ db: Database) -> [Outcome] {
        do {
            try db.beginTransaction(.immediate)
            var revision = try SQLiteRecords.revision(db)
            let before = revision
            var outcomes: [Outcome] = []
            for transaction in batch {
                let outcome = try apply(transaction, after: revision, db)
                if case .success(let applied) = outcome { revision = applied.revision }
                outcomes.append(outcome)
            }
            if revision > before { try SQLiteRecords.setRevision(revision, db) }
            try db.commit()
            return outcomes
        } catch {
            // Some errors (disk full, say) make SQLite roll back by itself.
            if db.isInsideTransaction { try? db.rollback() }
            if batch.count > 1 { return batch.flatMap { write([$0], db) } }
            return [.failure(StoreError(sqlite: error))]
        }
    }

    /// - Throws: when the error has undone the whole batch.
    private static func apply(_ transaction: Transaction, after revision: Revision, _ db: Database) throws -> Outcome {
        var changes: [Change] = []
        do {
            try db.inSavepoint {
                for precondition in transaction.preconditions {
                    let found = try SQLiteRecords.get(precondition.key, db)
                    guard precondition.holds(for: found) else { throw StoreError.conflict(precondition, found: found) }
                }
                changes = try transaction.writes.compactMap { try SQLiteRecords.apply($0, at: revision + 1, db) }
                return .commit
            }
        } catch {
            guard db.isInsideTransaction else { throw error }
            return .failure(StoreError(sqlite: error))
        }
        return .success((changes.isEmpty ? revision : revision + 1, changes))
    }
}

extension StoreError {
    init(sqlite error: any Error) {
        switch error {
        case let error as StoreError: self = error
        case let error as DatabaseError where error.resultCode == .SQLITE_FULL: self = .failed("the disk is full")
        case let error as DatabaseError:
            // Without the statement's arguments: they are the records.
            self = .failed("SQLite error \(error.extendedResultCode.rawValue): \(error.message ?? "no message")")
        default: self = .failed(String(describing: error))
        }
    }
}
