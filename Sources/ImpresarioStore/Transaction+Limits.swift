// SPDX-License-Identifier: Apache-2.0

extension Transaction {
    /// What no store accepts, whatever it holds. Checked before a transaction waits for its turn.
    ///
    /// - Throws: ``StoreError/transactionTooLarge(_:)`` with the limit and the figure; ``StoreError/failed(_:)`` for an empty key or a key
    ///   that is written twice, which is a mistake of the program (etcd refuses both).
    func checkLimits() throws(StoreError) {
        let operations = preconditions.count + writes.count
        guard operations <= StoreLimits.operationsPerTransaction else {
            throw .transactionTooLarge("\(operations) operations; a transaction holds at most \(StoreLimits.operationsPerTransaction)")
        }
        for key in preconditions.lazy.map(\.key) + writes.lazy.map(\.key) {
            guard key.utf8.count <= StoreLimits.bytesPerKey else {
                throw .transactionTooLarge("a key of \(key.utf8.count) bytes; a key has at most \(StoreLimits.bytesPerKey)")
            }
            guard !key.isEmpty else { throw .failed("a key is empty") }
        }
        let bytes = byteCount
        guard bytes <= StoreLimits.bytesPerTransaction else {
            throw .transactionTooLarge("\(bytes) bytes; a transaction holds at most \(StoreLimits.bytesPerTransaction)")
        }
        guard writes.count > 1 else { return }
        var seen = Set<Key>()
        for write in writes where !seen.insert(Key(write.key)).inserted {
            throw .failed("the key '\(write.key)' is written twice in one transaction")
        }
    }

    /// All keys and values.
    var byteCount: Int {
        preconditions.reduce(0) { $0 + $1.key.utf8.count }
            + writes.reduce(0) { total, write in
                switch write {
                case .put(let key, let value): total + key.utf8.count + value.count
                case .delete(let key): total + key.utf8.count
                }
            }
    }
}

extension Precondition {
    /// - Parameter record: what is stored under ``key``.
    func holds(for record: StoredRecord?) -> Bool {
        switch self {
        case .absent: record == nil
        case .exists: record != nil
        case .unchanged(_, let revision): record?.revision == revision
        }
    }
}
