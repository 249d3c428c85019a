// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB

/// The statements, one function each. All run on a connection that the caller holds.
enum SQLiteRecords {
    static func revision(_ db: Database) throws -> Revision {
        guard let revision = try SQLiteSchema.meta("revision", db) else {
            throw StoreError.failed("the store has lost its revision; restore a backup")
        }
        return revision
    }

    static func setRevision(_ revision: Revision, _ db: Database) throws {
        try db.cachedStatement(sql: "UPDATE meta SET value = ? WHERE name = 'revision'").execute(arguments: [revision])
    }

    static func get(_ key: String, _ db: Database) throws -> StoredRecord? {
        let statement = try db.cachedStatement(sql: "SELECT value, revision FROM record WHERE key = ?")
        return try Row.fetchOne(statement, arguments: [Data(key.utf8)]).map {
            StoredRecord(key: key, value: $0[0], revision: $0[1])
        }
    }

    static func list(prefix: Key, _ db: Database) throws -> [StoredRecord] {
        let from = Data(prefix.bytes)
        let rows =
            if let end = prefix.successorOfPrefix {
                try Row.fetchCursor(
                    db.cachedStatement(sql: "SELECT key, value, revision FROM record WHERE key >= ? AND key < ? ORDER BY key"),
                    arguments: [from, Data(end.bytes)])
            } else {
                try Row.fetchCursor(db.cachedStatement(sql: "SELECT key, value, revision FROM record ORDER BY key"))
            }
        var records: [StoredRecord] = []
        while let row = try rows.next() {
            let key: Data = row[0]
            records.append(StoredRecord(key: String(decoding: key, as: UTF8.self), value: row[1], revision: row[2]))
        }
        return records
    }

    /// - Returns: nil when nothing changed.
    static func apply(_ write: Write, at revision: Revision, _ db: Database) throws -> Change? {
        switch write {
        case .put(let key, let value):
            // SQLite takes an empty blob for NULL.
            let statement = try db.cachedStatement(
                sql: """
                    INSERT INTO record (key, value, revision) VALUES (?, coalesce(?, x''), ?)
                    ON CONFLICT (key) DO UPDATE SET value = excluded.value, revision = excluded.revision
                    """)
            try statement.execute(arguments: [Data(key.utf8), value, revision])
            return Change(key: key, value: value, revision: revision)
        case .delete(let key):
            try db.cachedStatement(sql: "DELETE FROM record WHERE key = ?").execute(arguments: [Data(key.utf8)])
            return db.changesCount > 0 ? Change(key: key, value: nil, revision: revision) : nil
        }
    }
}
