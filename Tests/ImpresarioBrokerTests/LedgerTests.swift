// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel
import ImpresarioStore
import Testing

@testable import ImpresarioBroker

@Suite("The ledger")
struct LedgerTests {
    @Test("goes on while those who follow it are cancelled in the middle of commits", .timeLimit(.minutes(2)))
    func followers() async throws {
        let ledger = try await Ledger.open(MemoryStore())
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await ledger.run() }
            defer { group.cancelAll() }
            for round in 0..<300 {
                try await withThrowingTaskGroup(of: Void.self) { work in
                    for _ in 0..<8 { work.addTask { for await _ in ledger.revisions() {} } }
                    for writer in 0..<4 {
                        work.addTask {
                            try await ledger.transact { _, draft throws(Problem) in
                                try draft.put(["round": round], at: "test/\(writer)")
                            }
                        }
                    }
                    // The writers end by themselves, the followers by being cancelled, somewhere in between.
                    for _ in 0..<(round % 4 + 1) { try await work.next() }
                    work.cancelAll()
                }
            }
            #expect(ledger.snapshot.revision >= 300)
        }
    }
}
