// SPDX-License-Identifier: Apache-2.0

/// Transactions that wait to be written, and who waits for them. A value: the store locks it, asks, and acts outside the lock.
///
/// Group commit: the writer that finds nobody draining drains, until the queue is empty; all that came meanwhile share one fsync.
struct CommitQueue: ~Copyable {
    struct Item: Sendable {
        let transaction: Transaction
        let continuation: CheckedContinuation<Result<Revision, StoreError>, Never>
    }

    struct Limits: Sendable {
        /// Waiting transactions beyond which writers are turned away.
        var waiting = 4096
        var waitingBytes = 64 << 20
        /// Transactions that share one fsync.
        var batch = 256
        var batchBytes = 8 << 20
    }

    enum Admission {
        case refused(StoreError)
        case queued
        /// Queued, and the caller must see to it that the queue is drained.
        case queuedAsDrainer
    }

    private let limits: Limits
    private var items: [Item] = []
    private var bytes = 0
    private var isDraining = false
    private(set) var isClosed = false

    init(limits: Limits) { self.limits = limits }

    mutating func add(_ item: Item) -> Admission {
        if isClosed { return .refused(.closed) }
        let size = item.transaction.byteCount
        // One is always let in, however large.
        guard items.isEmpty || (items.count < limits.waiting && bytes + size <= limits.waitingBytes) else {
            return .refused(.overloaded)
        }
        items.append(item)
        bytes += size
        if isDraining { return .queued }
        isDraining = true
        return .queuedAsDrainer
    }

    /// The next batch for the drainer; nil ends its turn.
    mutating func nextBatch() -> [Item]? {
        var count = 0
        var size = 0
        for item in items.prefix(limits.batch) {
            size += item.transaction.byteCount
            if count > 0 && size > limits.batchBytes {
                size -= item.transaction.byteCount
                break
            }
            count += 1
        }
        guard count > 0 else {
            isDraining = false
            return nil
        }
        let batch = Array(items.prefix(count))
        items.removeFirst(count)
        bytes -= size
        return batch
    }

    /// From now on writers are turned away; those that wait are still served.
    mutating func close() { isClosed = true }
}
