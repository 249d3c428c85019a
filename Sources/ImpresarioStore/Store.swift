// SPDX-License-Identifier: Apache-2.0

public import FoundationEssentials

/// Grows by one with each commit that changed something; never reused.
public typealias Revision = Int64

/// A record as stored: canonical JSON under a key, and the revision that wrote it.
public struct StoredRecord: Sendable, Hashable {
    public let key: String
    public let value: Data
    public let revision: Revision

    public init(key: String, value: Data, revision: Revision) {
        self.key = key
        self.value = value
        self.revision = revision
    }
}

/// What must hold for a transaction to be applied.
public enum Precondition: Sendable, Hashable {
    case absent(String)
    /// The record exists and was last written by this revision.
    case unchanged(String, since: Revision)
    case exists(String)

    public var key: String {
        switch self {
        case .absent(let key), .unchanged(let key, _), .exists(let key): key
        }
    }
}

public enum Write: Sendable, Hashable {
    case put(String, Data)
    /// Deleting what is not there is no error and no change.
    case delete(String)

    public var key: String {
        switch self {
        case .put(let key, _), .delete(let key): key
        }
    }
}

public struct Transaction: Sendable, Hashable {
    public var preconditions: [Precondition]
    public var writes: [Write]

    public init(preconditions: [Precondition] = [], writes: [Write]) {
        self.preconditions = preconditions
        self.writes = writes
    }
}

/// The limits every implementation enforces, so that what runs on one runs on all. They are etcd's.
public enum StoreLimits {
    /// Preconditions and writes together, in one transaction.
    public static let operationsPerTransaction = 128
    /// Bytes of all keys and values of one transaction.
    public static let bytesPerTransaction = 1_500_000
    /// Bytes of one key, UTF-8.
    public static let bytesPerKey = 512
}

public enum StoreError: Error, Hashable, Sendable {
    /// A precondition did not hold. The record as it is (nil: absent) lets the caller decide again without a read.
    case conflict(Precondition, found: StoredRecord?)
    case transactionTooLarge(String)
    /// Too many writers are waiting; nothing was written.
    case overloaded
    /// The medium failed (disk full, say); nothing was written.
    case failed(String)
    /// The revision asked for is no longer held; read everything anew.
    case compacted(oldest: Revision)
    case closed
}

/// One committed change, in order of revision.
public struct Change: Sendable, Hashable {
    public let key: String
    /// Nil: deleted.
    public let value: Data?
    public let revision: Revision

    public init(key: String, value: Data?, revision: Revision) {
        self.key = key
        self.value = value
        self.revision = revision
    }
}

/// Where records live. Everything above this protocol is the same on one machine and on many.
///
/// Isolation: `commit` is serialisable and durable when it returns. Reads see every commit that returned before they began.
public protocol Store: Sendable {
    /// The record, or nil.
    func get(_ key: String) async throws(StoreError) -> StoredRecord?

    /// All records whose key begins with `prefix`, sorted by key, as of one revision, which is returned beside them.
    func list(prefix: String) async throws(StoreError) -> (records: [StoredRecord], revision: Revision)

    /// Applies all writes or none.
    ///
    /// - Returns: the revision of the commit.
    /// - Throws: ``StoreError/conflict(_:found:)`` for the first precondition that does not hold; the other cases as documented there.
    func commit(_ transaction: Transaction) async throws(StoreError) -> Revision

    /// Every change with a revision greater than `revision` under `prefix`, then those to come, until the task is cancelled or the store closes.
    /// Changes of one revision arrive together in one array.
    ///
    /// - Throws: ``StoreError/compacted(oldest:)`` from the sequence when that history is gone.
    func watch(prefix: String, from revision: Revision) -> AsyncThrowingStream<[Change], any Error>

    /// Waits for writes under way, then releases files and locks.
    func close() async
}
