// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import ImpresarioStore

/// The part of the contract that is about watching.
@Suite struct StoreWatchTests {
    @Test(arguments: Implementation.allCases)
    func aWatchShowsThePastFromItsRevisionAndThenWhatComes(_ kind: Implementation) async throws {
        try await kind.withStore { store throws in
            _ = try await store.commit(.put("a/1", "1"))
            _ = try await store.commit(.put("b/1", "no"))
            _ = try await store.commit(Transaction(writes: [.put("a/2", Data("2".utf8)), .put("b/2", Data()), .delete("a/1")]))
            async let later: [[Change]] = collect(3, from: store.watch(prefix: "a/", from: 1))
            async let all: [[Change]] = collect(5, from: store.watch(prefix: "", from: 0))
            _ = try await store.commit(.put("b/3", "no"))
            _ = try await store.commit(.put("a/3", "3"))
            _ = try await store.commit(Transaction(writes: [.delete("a/2")]))
            #expect(
                try await later == [
                    [Change(key: "a/2", value: Data("2".utf8), revision: 3), Change(key: "a/1", value: nil, revision: 3)],
                    [Change(key: "a/3", value: Data("3".utf8), revision: 5)],
                    [Change(key: "a/2", value: nil, revision: 6)],
                ])
            #expect(try await all.map { $0[0].revision } == [1, 2, 3, 4, 5])
        }
    }

    @Test(arguments: Implementation.allCases)
    func manyWatchersSeeEveryRevisionOnceInOrderWhileManyWrite(_ kind: Implementation) async throws {
        try await kind.withStore { store throws in
            let writers = 16
            let rounds = 20
            try await withThrowingTaskGroup(of: [Revision]?.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        try await collect(writers * rounds, from: store.watch(prefix: "", from: 0)).map { $0[0].revision }
                    }
                }
                for writer in 0..<writers {
                    group.addTask {
                        for round in 0..<rounds { _ = try await store.commit(.put("w\(writer)", "\(round)")) }
                        return nil
                    }
                }
                for try await seen in group {
                    if let seen { #expect(seen == Array(1...Revision(writers * rounds))) }
                }
            }
        }
    }

    @Test(arguments: Implementation.allCases)
    func aCommitThatReturnedIsInTheWatch(_ kind: Implementation) async throws {
        try await kind.withStore { store throws in
            for round in 0..<50 {
                let revision = try await store.commit(.put("a", "\(round)"))
                let seen = try await collect(1, from: store.watch(prefix: "a", from: revision - 1))
                #expect(seen == [[Change(key: "a", value: Data("\(round)".utf8), revision: revision)]])
            }
        }
    }

    @Test(arguments: Implementation.allCases)
    func aWatcherThatLagsHoldsUpNobodyAndIsToldToReadAnew(_ kind: Implementation) async throws {
        try await kind.withStore(history: .init(revisions: 100, bytes: 1 << 20)) { store throws in
            var lagging = store.watch(prefix: "", from: 0).makeAsyncIterator()
            _ = try await store.commit(.put("a", "0"))
            #expect(try await lagging.next()?.first?.revision == 1)
            for round in 0..<500 { _ = try await store.commit(.put("a", "\(round)")) }
            let error = await #expect(throws: StoreError.self) { _ = try await lagging.next() }
            guard case .compacted(let oldest)? = error else { throw Unexpected(error as Any) }
            // What is called oldest is a revision to watch from.
            #expect(try await collect(1, from: store.watch(prefix: "", from: oldest)).first?.first?.revision == oldest + 1)
            #expect(oldest > 350 && oldest <= 450)
        }
    }

    @Test(arguments: Implementation.allCases)
    func historyIsBoundedInBytesToo(_ kind: Implementation) async throws {
        try await kind.withStore(history: .init(revisions: 1_000_000, bytes: 100_000)) { store throws in
            for _ in 0..<50 { _ = try await store.commit(Transaction(writes: [.put("a", Data(count: 10_000))])) }
            await #expect(throws: StoreError.self) { try await collect(1, from: store.watch(prefix: "", from: 0)) }
            #expect(try await collect(5, from: store.watch(prefix: "", from: 45)).count == 5)
        }
    }

    @Test(arguments: Implementation.allCases)
    func cancellingTheTaskEndsAWatch(_ kind: Implementation) async throws {
        try await kind.withStore { store throws in
            try await withThrowingTaskGroup(of: Int.self) { group in
                group.addTask { try await collect(2, from: store.watch(prefix: "", from: 0)).count }
                _ = try await store.commit(.put("a", "1"))
                group.cancelAll()
                #expect(try await group.next() ?? 0 <= 1)
            }
        }
    }
}

struct Unexpected: Error {
    let found: Any.Type
    init(_ found: Any) { self.found = type(of: found) }
}
