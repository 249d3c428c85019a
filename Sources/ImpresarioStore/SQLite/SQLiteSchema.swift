// SPDX-License-Identifier: Apache-2.0

import GRDB

/// What the file looks like, and how an older one is brought up to date.
enum SQLiteSchema {
    /// Grows with each migration.
    static let version = 1
    /// "Impr", so that another program's database is not taken for ours (and `file` can tell).
    static let applicationID: Int64 = 0x496d_7072

    /// Brings an empty or older database to ``version``.
    ///
    /// - Throws: ``StoreError/failed(_:)`` for another program's database and for one written by a newer version of this one.
    static func prepare(_ db: Database, path: String) throws {
        let application = try Int64.fetchOne(db, sql: "PRAGMA application_id") ?? 0
        let isEmpty = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_master") == 0
        guard application == applicationID || (application == 0 && isEmpty) else {
            throw StoreError.failed("\(path) is a database of another program; move it away or choose another data folder")
        }
        if isEmpty {
            try db.execute(sql: "PRAGMA application_id = \(applicationID)")
        } else if let found = try meta("schema", db), found > version {
            throw StoreError.failed(
                "\(path) has schema version \(found) and this program knows up to \(version): it was written by a newer version; "
                    + "start that one, or restore a backup made before the upgrade")
        }
    }

    static let migrator: DatabaseMigrator = {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1") { db in
            // Keys are blobs: compared byte by byte, whatever they hold.
            try db.execute(
                sql: """
                    CREATE TABLE meta (name TEXT PRIMARY KEY NOT NULL, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
                    INSERT INTO meta VALUES ('schema', 1), ('revision', 0);
                    CREATE TABLE record (
                        id INTEGER PRIMARY KEY,
                        key BLOB NOT NULL UNIQUE,
                        value BLOB NOT NULL,
                        revision INTEGER NOT NULL
                    ) STRICT;
                    """)
        }
        return migrator
    }()

    static func meta(_ name: String, _ db: Database) throws -> Int64? {
        try Int64.fetchOne(db.cachedStatement(sql: "SELECT value FROM meta WHERE name = ?"), arguments: [name])
    }
}
