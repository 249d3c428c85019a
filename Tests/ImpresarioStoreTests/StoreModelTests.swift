// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioStore
import Testing

/// Random transactions against a dictionary that does what the contract says.
@Suite struct StoreModelTests {
    @Test(arguments: Implementation.allCases, [1, 2, 3, 4, 5] as [UInt64])
    func behavesAsADictionaryDoes(_ kind: Implementation, seed: UInt64) async throws {
        try await kind.withStore { store throws in
            var random = SeededGenerator(seed: seed)
            var model = Model()
            for round in 0..<300 {
                let transaction = model.drawTransaction(using: &random)
                let expected = model.commit(transaction)
                let found = await store.outcome(of: transaction)
                #expect(found == expected, "seed \(seed), round \(round)")
            }
            let (records, revision) = try await store.list(prefix: "")
            #expect(revision == model.revision)
            #expect(records == model.records.values.sorted { $0.key < $1.key })
            // The changes, played back, lead to the same records.
            var replayed: [String: StoredRecord] = [:]
            for change in try await collect(Int(model.revision), from: store.watch(prefix: "", from: 0)).joined() {
                replayed[change.key] = change.value.map { StoredRecord(key: change.key, value: $0, revision: change.revision) }
            }
            #expect(replayed == model.records)
        }
    }
}

private struct Model {
    var records: [String: StoredRecord] = [:]
    var revision: Revision = 0

    mutating func commit(_ transaction: Transaction) -> Result<Revision, StoreError> {
        for precondition in transaction.preconditions {
            let found = records[precondition.key]
            let holds =
                switch precondition {
                case .absent: found == nil
                case .exists: found != nil
                case .unchanged(_, let since): found?.revision == since
                }
            if !holds { return .failure(.conflict(precondition, found: found)) }
        }
        var changed = false
        for write in transaction.writes {
            switch write {
            case .put(let key, let value):
                records[key] = StoredRecord(key: key, value: value, revision: revision + 1)
                changed = true
            case .delete(let key):
                changed = records.removeValue(forKey: key) != nil || changed
            }
        }
        if changed { revision += 1 }
        return .success(revision)
    }

    func drawTransaction(using random: inout SeededGenerator) -> Transaction {
        let keys = (0..<12).map { "k\($0)" }.shuffled(using: &random)
        let preconditions = (0..<Int.random(in: 0...2, using: &random)).map { index -> Precondition in
            let key = keys[index]
            return switch Int.random(in: 0...4, using: &random) {
            case 0: .absent(key)
            case 1: .exists(key)
            default: .unchanged(key, since: records[key]?.revision ?? 1)
            }
        }
        let writes = (0..<Int.random(in: 0...4, using: &random)).map { index -> Write in
            let key = keys[keys.count - 1 - index]
            let isDelete = Int.random(in: 0...2, using: &random) == 0
            return isDelete ? .delete(key) : .put(key, Data("\(UInt64.random(in: 0...999, using: &random))".utf8))
        }
        return Transaction(preconditions: preconditions, writes: writes)
    }
}
