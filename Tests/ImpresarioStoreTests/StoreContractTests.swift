// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioStore
import Testing

/// What everything above a store relies on, whichever it is.
@Suite struct StoreContractTests {
    @Test(arguments: Implementation.allCases)
    func readsBackWhatWasCommitted(_ kind: Implementation) async throws {
        try await kind.withStore { store throws in
            #expect(try await store.get("a") == nil)
            let revision = try await store.commit(.put("a", "1"))
            #expect(try await store.get("a") == StoredRecord(key: "a", value: Data("1".utf8), revision: revision))
            let next = try await store.commit(Transaction(writes: [.put("a", Data()), .put("b", Data([0, 255]))]))
            #expect(next == revision + 1)
            #expect(try await store.get("a")?.value == Data())
            #expect(try await store.get("b") == StoredRecord(key: "b", value: Data([0, 255]), revision: next))
        }
    }

    @Test(arguments: Implementation.allCases)
    func aConflictTellsThePreconditionAndTheRecordAsItIs(_ kind: Implementation) async throws {
        try await kind.withStore { store throws in
            let first = try await store.commit(.put("a", "1"))
            let second = try await store.commit(.put("a", "2", if: .unchanged("a", since: first)))
            let found = try await store.get("a")

            await #expect(throws: StoreError.conflict(.unchanged("a", since: first), found: found)) {
                try await store.commit(.put("a", "3", if: .exists("a"), .unchanged("a", since: first)))
            }
            await #expect(throws: StoreError.conflict(.absent("a"), found: found)) {
                try await store.commit(.put("a", "3", if: .absent("a")))
            }
            await #expect(throws: StoreError.conflict(.exists("b"), found: nil)) {
                try await store.commit(.put("a", "3", if: .exists("b")))
            }
            await #expect(throws: StoreError.conflict(.unchanged("b", since: 1), found: nil)) {
                try await store.commit(.put("a", "3", if: .unchanged("b", since: 1)))
            }
            #expect(try await store.get("a") == found)
            #expect(found?.revision == second)
            #expect(try await store.commit(.put("b", "1", if: .absent("b"), .exists("a"))) == second + 1)
        }
    }

    @Test(arguments: Implementation.allCases)
    func aRefusedTransactionLeavesNothingBehind(_ kind: Implementation) async throws {
        try await kind.withStore { store throws in
            let before = try await store.commit(.put("guard", "1"))
            let writes: [Write] = (0..<50).map { .put("k\($0)", Data("x".utf8)) } + [.delete("guard")]
            await #expect(throws: StoreError.self) {
                try await store.commit(Transaction(preconditions: [.absent("guard")], writes: writes))
            }
            let (records, revision) = try await store.list(prefix: "")
            #expect(records.map(\.key) == ["guard"])
            #expect(revision == before)
        }
    }

    @Test(arguments: Implementation.allCases)
    func revisionsGrowByOneAndAreNeverReused(_ kind: Implementation) async throws {
        try await kind.withStore { store throws in
            #expect(try await store.list(prefix: "").revision == 0)
            #expect(try await store.commit(.put("a", "1")) == 1)
            #expect(try await store.commit(Transaction(writes: [.delete("a")])) == 2)
            #expect(try await store.commit(Transaction(writes: [.delete("a")])) == 2, "nothing changed")
            #expect(try await store.commit(Transaction(preconditions: [.absent("a")], writes: [])) == 2, "nothing changed")
            #expect(try await store.commit(.put("a", "1")) == 3)
            #expect(try await store.commit(.put("a", "1")) == 4, "writing the same bytes again is a change")
            #expect(try await store.list(prefix: "").revision == 4)
        }
    }

    @Test(arguments: Implementation.allCases)
    func limitsAreEnforcedAtTheirExactValue(_ kind: Implementation) async throws {
        try await kind.withStore { store throws in
            let many: [Write] = (0..<StoreLimits.operationsPerTransaction).map { .put("k\($0)", Data()) }
            #expect(try await store.commit(Transaction(writes: many)) == 1)
            await #expect(throws: StoreError.transactionTooLarge("129 operations; a transaction holds at most 128")) {
                try await store.commit(Transaction(preconditions: [.exists("k0")], writes: many))
            }
            let longest = String(repeating: "é", count: StoreLimits.bytesPerKey / 2)
            #expect(try await store.commit(.put(longest, "1")) == 2)
            #expect(try await store.get(longest)?.text == "1")
            await #expect(throws: StoreError.transactionTooLarge("a key of 513 bytes; a key has at most 512")) {
                try await store.commit(.put(longest + "x", "1"))
            }
            await #expect(throws: StoreError.transactionTooLarge("a key of 513 bytes; a key has at most 512")) {
                try await store.commit(Transaction(preconditions: [.absent(longest + "x")], writes: []))
            }
            let largest = Data(count: StoreLimits.bytesPerTransaction - 1)
            #expect(try await store.commit(Transaction(writes: [.put("x", largest)])) == 3)
            await #expect(throws: StoreError.transactionTooLarge("1500001 bytes; a transaction holds at most 1500000")) {
                try await store.commit(Transaction(writes: [.put("xy", largest)]))
            }
            await #expect(throws: StoreError.failed("a key is empty")) { try await store.commit(.put("", "1")) }
            await #expect(throws: StoreError.failed("the key 'k' is written twice in one transaction")) {
                try await store.commit(Transaction(writes: [.put("k", Data()), .delete("k")]))
            }
            #expect(try await store.list(prefix: "").revision == 3)
        }
    }

    @Test(arguments: Implementation.allCases)
    func aListHoldsThePrefixAndNothingElseSortedByBytes(_ kind: Implementation) async throws {
        try await kind.withStore { store throws in
            // The first é is one scalar, the second is e and an accent: equal to Swift, two keys to a store.
            let keys = [
                "a", "a%", "a_", "ab", "a/b", "a_b", "aXb", "b", "A", "a\u{e9}", "ae\u{301}", "a\u{10ffff}", "a\u{0}z", "a🎻", "\u{ff5e}",
            ]
            for key in keys { _ = try await store.commit(.put(key, key)) }
            for prefix in keys + ["", "a\u{10ffff}x", "zzz"] {
                let expected = keys.filter { Array($0.utf8).starts(with: Array(prefix.utf8)) }
                    .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
                let (records, revision) = try await store.list(prefix: prefix)
                #expect(records.map { Array($0.key.utf8) } == expected.map { Array($0.utf8) }, "prefix '\(prefix)'")
                #expect(records.allSatisfy { Array($0.text.utf8) == Array($0.key.utf8) })
                #expect(revision == Revision(keys.count))
            }
        }
    }

    @Test(arguments: Implementation.allCases)
    func concurrentIncrementsLoseNothing(_ kind: Implementation) async throws {
        try await kind.withStore { store throws in
            let tasks = 64
            let rounds = 8
            _ = try await store.commit(.put("count", "0"))
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<tasks {
                    group.addTask {
                        for _ in 0..<rounds {
                            var found = try await store.get("count")
                            while let record = found, let count = Int(record.text) {
                                do {
                                    _ = try await store.commit(
                                        .put("count", "\(count + 1)", if: .unchanged("count", since: record.revision)))
                                    break
                                } catch StoreError.conflict(_, let current) {
                                    found = current
                                }
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await store.get("count")?.text == "\(tasks * rounds)")
            #expect(try await store.list(prefix: "").revision == Revision(tasks * rounds + 1))
        }
    }

    @Test(arguments: Implementation.allCases)
    func aBadTransactionAmongManyFailsAlone(_ kind: Implementation) async throws {
        try await kind.withStore { store throws in
            let outcomes = await withTaskGroup(of: (Int, Result<Revision, StoreError>).self) { group in
                for index in 0..<200 {
                    group.addTask {
                        // Each third wants what is not there, and would have written before that if writes came first.
                        let condition: Precondition = index % 3 == 0 ? .exists("missing") : .absent("k\(index)")
                        let transaction = Transaction(
                            preconditions: [condition], writes: [.put("k\(index)", Data("x".utf8)), .put("l\(index)", Data())])
                        return (index, await store.outcome(of: transaction))
                    }
                }
                return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
            }
            for (index, outcome) in outcomes {
                if index % 3 == 0 {
                    #expect(outcome == .failure(.conflict(.exists("missing"), found: nil)))
                } else {
                    #expect((try? outcome.get()) != nil)
                }
            }
            let (records, revision) = try await store.list(prefix: "")
            #expect(records.count == 2 * 133)
            #expect(revision == 133)
            #expect(Set(records.map(\.revision)) == Set(1...133))
        }
    }

    @Test(arguments: Implementation.allCases)
    func afterCloseEverythingSaysSo(_ kind: Implementation) async throws {
        try await kind.withStore { store throws in
            let watch = store.watch(prefix: "", from: 0)
            async let ended: [[Change]] = collect(5, from: watch)
            _ = try await store.commit(.put("a", "1"))
            await store.close()
            await #expect(throws: StoreError.closed) { try await store.commit(.put("a", "1")) }
            await #expect(throws: StoreError.closed) { try await store.get("a") }
            await #expect(throws: StoreError.closed) { try await store.list(prefix: "") }
            #expect(try await ended.count <= 1)
        }
    }
}
