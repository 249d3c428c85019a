// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Testing

@testable import ImpresarioStore

/// What only the store on a disk can do: survive.
@Suite struct SQLiteStoreTests {
    @Test func reopeningKeepsRecordsAndRevision() async throws {
        try await withFolder { folder in
            let path = folder + "/s.sqlite"
            let first = try SQLiteStore(path: path, logger: quiet)
            _ = try await first.commit(.put("a", "1"))
            _ = try await first.commit(.put("b", "2"))
            _ = try await first.commit(Transaction(writes: [.delete("b")]))
            await first.close()

            let second = try SQLiteStore(path: path, logger: quiet)
            let (records, revision) = try await second.list(prefix: "")
            #expect(records == [StoredRecord(key: "a", value: Data("1".utf8), revision: 1)])
            #expect(revision == 3, "the revision of a deletion is not given again")
            await #expect(throws: StoreError.compacted(oldest: 3)) { try await collect(1, from: second.watch(prefix: "", from: 2)) }
            #expect(try await second.commit(.put("c", "3")) == 4)
            #expect(try await collect(1, from: second.watch(prefix: "", from: 3)).first?.first?.key == "c")
            await second.close()
        }
    }

    @Test func theWriterFlushesEveryCommitToTheDisk() async throws {
        try await withFolder { folder in
            let store = try SQLiteStore(path: folder + "/s.sqlite", logger: quiet)
            let settings = try await store.pool.writeWithoutTransaction { db in
                (try Int.fetchOne(db, sql: "PRAGMA synchronous"), try String.fetchOne(db, sql: "PRAGMA journal_mode"))
            }
            #expect(settings.0 == 2)
            #expect(settings.1 == "wal")
            await store.close()
        }
    }

    @Test func killingTheProcessLosesNothingAcknowledged() async throws {
        try await withFolder { folder in
            await #expect(processExitsWith: .signal(SIGKILL)) { [folder = folder as String] in
                try await writeUntilKilled(in: folder)
            }
            let acknowledged = try String(contentsOfFile: folder + "/acknowledged", encoding: .utf8).split(separator: "\n")
            #expect(acknowledged.count >= 500)
            let store = try SQLiteStore(path: folder + "/s.sqlite", logger: quiet)
            let (records, revision) = try await store.list(prefix: "")
            let found = Dictionary(uniqueKeysWithValues: records.map { ($0.key, $0.revision) })
            for line in acknowledged {
                let parts = line.split(separator: " ")
                guard parts.count == 2, let written = Revision(parts[1]) else { continue }
                #expect(found[String(parts[0])] == written, "\(parts[0])")
                #expect(revision >= written)
            }
            // Each transaction wrote a pair; none is half there.
            for key in found.keys where key.hasPrefix("k") { #expect(found["pair-" + key] == found[key]) }
            #expect(found.count % 2 == 0)
            #expect(try await store.commit(.put("after", "1")) == revision + 1)
            await store.close()
        }
    }

    @Test func aFullDiskFailsTheCommitAndNothingElse() async throws {
        try await withFolder { folder in
            let store = try SQLiteStore(path: folder + "/s.sqlite", logger: quiet)
            _ = try await store.commit(.put("a", "1"))
            let pages = try await store.pool.writeWithoutTransaction { db in
                let pages = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
                return try Int.fetchOne(db, sql: "PRAGMA max_page_count = \(pages + 20)") ?? 0
            }
            #expect(pages > 20)
            // Small ones in the same batch as one that does not fit are written.
            let outcomes = await withTaskGroup(of: (Int, StoreError?).self) { group in
                for index in 0..<20 {
                    group.addTask {
                        let value = Data(count: index == 10 ? 1_000_000 : 100)
                        let writes: [Write] = [.put("k\(index)", Data("x".utf8)), .put("l\(index)", value)]
                        return (index, await store.outcome(of: Transaction(writes: writes)).error)
                    }
                }
                return await group.reduce(into: [Int: StoreError]()) { $0[$1.0] = $1.1 }
            }
            #expect(outcomes == [10: .failed("the disk is full")])
            #expect(try await store.get("k10") == nil)
            #expect(try await store.list(prefix: "").records.count == 1 + 2 * 19)
            #expect(try await store.list(prefix: "").revision == 20)

            _ = try await store.pool.writeWithoutTransaction { try Int.fetchOne($0, sql: "PRAGMA max_page_count = 1000000") }
            #expect(try await store.commit(Transaction(writes: [.put("l10", Data(count: 1_000_000))])) == 21)
            await store.close()
        }
    }

    @Test func anErrorOfTheMediumFailsTheCommitAndLaterOnesWork() async throws {
        try await withFolder { folder in
            // A limit on the size of files is one of the process, so it is set in a child.
            await #expect(processExitsWith: .success) { [folder = folder as String] in
                try await writeAgainstALimit(in: folder)
            }
            let store = try SQLiteStore(path: folder + "/s.sqlite", logger: quiet)
            let (records, revision) = try await store.list(prefix: "")
            #expect(records.count == Int(revision) * 2)
            #expect(try await store.get("later/1") != nil)
            await store.close()
        }
    }

    @Test func closingServesEverybodyWhoWasLetIn() async throws {
        try await withFolder { folder in
            for round in 0..<20 {
                let store = try SQLiteStore(path: folder + "/\(round).sqlite", logger: quiet)
                let outcomes = await withTaskGroup(of: Result<Revision, StoreError>.self) { group in
                    for index in 0..<32 { group.addTask { await store.outcome(of: .put("k\(index)", "x")) } }
                    group.addTask {
                        await store.close()
                        return .failure(.closed)
                    }
                    return await group.reduce(into: []) { $0.append($1) }
                }
                #expect(outcomes.allSatisfy { $0.error == nil || $0.error == .closed })
                let again = try SQLiteStore(path: folder + "/\(round).sqlite", logger: quiet)
                #expect(try await again.list(prefix: "").records.count == outcomes.count { $0.error == nil })
                await again.close()
            }
        }
    }

    @Test func aStatementThatFailsUndoesItsTransactionOnly() async throws {
        try await withFolder { folder in
            let store = try SQLiteStore(path: folder + "/s.sqlite", logger: quiet)
            // Stands for any error in the middle of a transaction.
            try await store.pool.write { db in
                try db.execute(
                    sql: """
                        CREATE TRIGGER refuse BEFORE INSERT ON record WHEN NEW.key = CAST('bad' AS BLOB)
                        BEGIN SELECT RAISE(ABORT, 'refused'); END
                        """)
            }
            let batch = [
                Transaction.put("a", "1"),
                Transaction(writes: [.put("half", Data()), .put("bad", Data())]),
                Transaction.put("b", "1", if: .exists("a")),
            ]
            let outcomes = try await store.pool.writeWithoutTransaction { SQLiteWriter.write(batch, $0) }
            #expect(try outcomes[0].get().revision == 1)
            #expect(throws: StoreError.failed("SQLite error 1811: refused")) { try outcomes[1].get() }
            #expect(try outcomes[2].get().revision == 2)
            #expect(try await store.list(prefix: "").records.map(\.key) == ["a", "b"])
            await store.close()
        }
    }

    @Test func tooManyWaitingWritersAreTurnedAwayAndTheOthersServed() async throws {
        try await withFolder { folder in
            var options = SQLiteStore.Options()
            options.queue.waiting = 8
            let store = try SQLiteStore(path: folder + "/s.sqlite", logger: quiet, options: options)
            let gate = DispatchSemaphore(value: 0)
            // Keeps the writer's thread busy until everybody has come.
            store.pool.asyncWriteWithoutTransaction { _ in gate.wait() }
            let refused = await withTaskGroup(of: StoreError?.self) { group in
                for index in 0..<20 {
                    group.addTask { await store.outcome(of: .put("k\(index)", "x")).error }
                }
                var refused: [StoreError] = []
                for await outcome in group {
                    guard let outcome else { continue }
                    refused.append(outcome)
                    if refused.count == 12 { gate.signal() }
                }
                return refused
            }
            #expect(refused == Array(repeating: .overloaded, count: 12))
            #expect(try await store.list(prefix: "").records.count == 8)
            #expect(try await store.commit(.put("later", "x")) == 9)
            await store.close()
        }
    }

    @Test func aNewerSchemaIsRefused() async throws {
        try await withFolder { folder in
            let path = folder + "/s.sqlite"
            let store = try SQLiteStore(path: path, logger: quiet)
            _ = try await store.commit(.put("a", "1"))
            try await store.pool.write { try $0.execute(sql: "UPDATE meta SET value = 7 WHERE name = 'schema'") }
            await store.close()
            let error = #expect(throws: StoreError.self) { try SQLiteStore(path: path, logger: quiet) }
            guard case .failed(let message)? = error else { throw Unexpected(error as Any) }
            #expect(message.hasPrefix("\(path) has schema version 7 and this program knows up to 1"))
        }
    }

    @Test func whatIsNoStoreIsRefusedAndLeftAsItIs() async throws {
        try await withFolder { folder in
            let path = folder + "/s.sqlite"
            let text = Data(String(repeating: "this is no database\n", count: 500).utf8)
            try text.write(to: URL(fileURLWithPath: path))
            #expect(throws: StoreError.self) { try SQLiteStore(path: path, logger: quiet) }
            #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == text)

            let other = try DatabaseQueue(path: folder + "/other.sqlite")
            try await other.write { try $0.execute(sql: "CREATE TABLE t (x)") }
            try other.close()
            let error = #expect(throws: StoreError.self) { try SQLiteStore(path: folder + "/other.sqlite", logger: quiet) }
            guard case .failed(let message)? = error else { throw Unexpected(error as Any) }
            #expect(message.contains("is a database of another program"))
            #expect(throws: StoreError.self) { try SQLiteStore(path: folder + "/none/s.sqlite", logger: quiet) }
        }
    }
}

/// Runs in a child process: writes beyond what files may grow to, then with the limit lifted.
func writeAgainstALimit(in folder: String) async throws {
    // The signal would end the process; without it the write fails with EFBIG.
    signal(SIGXFSZ, SIG_IGN)
    let store = try SQLiteStore(path: folder + "/s.sqlite", logger: quiet)
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
    let free = limit
    limit.rlim_cur = 600_000
    setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
    func pair(_ key: String) -> Transaction {
        Transaction(preconditions: [.absent(key)], writes: [.put(key, Data(count: 20_000)), .put("pair-" + key, Data(count: 20_000))])
    }
    var written = 0
    var failure: StoreError?
    while failure == nil && written < 100 {
        failure = await store.outcome(of: pair("k\(written)")).error
        if failure == nil { written += 1 }
    }
    guard case .failed? = failure else { throw Unexpected(failure as Any) }
    let (records, revision) = try await store.list(prefix: "")
    #expect(records.count == written * 2 && written > 0)
    #expect(revision == Revision(written))
    #expect(await store.outcome(of: pair("still")).error != nil)

    limit = free
    setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
    #expect(try await store.commit(pair("later/1")) == revision + 1)
    #expect(try await store.list(prefix: "").records.count == written * 2 + 2)
    await store.close()
}

/// Runs in a child process: many writers, each acknowledgement noted in a file, then SIGKILL in the middle of it.
func writeUntilKilled(in folder: String) async throws {
    let store = try SQLiteStore(path: folder + "/s.sqlite", logger: quiet)
    let log = open(folder + "/acknowledged", O_WRONLY | O_CREAT | O_APPEND, 0o600)
    try await withThrowingTaskGroup(of: Void.self) { group in
        for writer in 0..<16 {
            group.addTask {
                var round = 0
                while true {
                    let key = "k\(writer)-\(round)"
                    let value = Data(repeating: UInt8(writer), count: 900)
                    let revision = try await store.commit(
                        Transaction(preconditions: [.absent(key)], writes: [.put(key, value), .put("pair-" + key, value)]))
                    let line = "\(key) \(revision)\n"
                    _ = line.withCString { write(log, $0, line.utf8.count) }
                    round += 1
                    if writer == 0 && round == 60 { kill(getpid(), SIGKILL) }
                }
            }
        }
        try await group.waitForAll()
    }
}
