// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel
import ImpresarioStore
import Synchronization

/// The store as the broker sees it: a snapshot in memory to read and decide from, commits to write with.
///
/// The snapshot follows the store's own watch, so it moves in order of revision whoever wrote; a commit returns when the snapshot holds it.
/// Decisions are not locked against each other: each names the records it was made from, and is made again when one of them changed.
final class Ledger: Sendable {
    let store: any Store
    private let state: Mutex<State>

    private struct State {
        var snapshot: Snapshot
        var waiters: [(revision: Revision, continuation: CheckedContinuation<Bool, Never>)] = []
        var followers: [Int: AsyncStream<Revision>.Continuation] = [:]
        var nextFollower = 0
        var isFollowing = false
        var isClosed = false
    }

    private init(store: any Store, snapshot: Snapshot) {
        self.store = store
        state = Mutex(State(snapshot: snapshot))
    }

    /// Reads everything.
    static func open(_ store: any Store) async throws(Problem) -> Ledger {
        do {
            let (records, revision) = try await store.list(prefix: "")
            var snapshot = Snapshot()
            try snapshot.apply(records.map { Change(key: $0.key, value: $0.value, revision: $0.revision) })
            // Deletes move the revision too and leave no record.
            try snapshot.apply([Change(key: "", value: nil, revision: revision)])
            return Ledger(store: store, snapshot: snapshot)
        } catch {
            throw Problem(.storeFailed, "The store could not be read.", detail: String(describing: error))
        }
    }

    var snapshot: Snapshot { state.withLock { $0.snapshot } }

    var isFollowing: Bool { state.withLock { $0.isFollowing && !$0.isClosed } }

    /// Follows the store until cancelled.
    func run() async throws {
        state.withLock { $0.isFollowing = true }
        defer {
            let waiters = state.withLock { state in
                state.isClosed = true
                defer { state.waiters = [] }
                return state.waiters
            }
            for waiter in waiters { waiter.continuation.resume(returning: false) }
        }
        for try await changes in store.watch(prefix: "", from: snapshot.revision) {
            let (reached, followers, ready) = try state.withLock { state in
                try state.snapshot.apply(changes)
                let reached = state.snapshot.revision
                let ready = state.waiters.filter { $0.revision <= reached }
                state.waiters.removeAll { $0.revision <= reached }
                return (reached, Array(state.followers.values), ready)
            }
            // Outside the lock: yielding takes that of the follower's task, and whoever cancels the task has that one and wants ours.
            for follower in followers { follower.yield(reached) }
            for waiter in ready { waiter.continuation.resume(returning: true) }
        }
    }

    /// The newest revision each time it moved; a slow reader skips some.
    func revisions() -> AsyncStream<Revision> {
        let (stream, continuation) = AsyncStream.makeStream(of: Revision.self, bufferingPolicy: .bufferingNewest(1))
        let key = state.withLock { state in
            state.nextFollower += 1
            state.followers[state.nextFollower] = continuation
            continuation.yield(state.snapshot.revision)
            return state.nextFollower
        }
        continuation.onTermination = { [weak self] _ in self?.state.withLock { _ = $0.followers.removeValue(forKey: key) } }
        return stream
    }

    /// Returns when the snapshot is at `revision` or later.
    private func reach(_ revision: Revision) async throws(Problem) {
        let reached = await withCheckedContinuation { continuation in
            let answer: Bool? = state.withLock { state in
                if state.snapshot.revision >= revision { return true }
                if state.isClosed { return false }
                state.waiters.append((revision, continuation))
                return nil
            }
            if let answer { continuation.resume(returning: answer) }
        }
        guard reached else { throw Problem(.shuttingDown, "The broker is shutting down.", remedy: "Try again in a moment.") }
    }

    /// Decides on the newest snapshot and commits; decides again when something it was decided from has changed meanwhile.
    ///
    /// - Parameter decide: pure; may be called several times. What it throws is thrown.
    func transact<Answer>(
        _ decide: (_ snapshot: Snapshot, _ draft: inout Draft) throws(Problem) -> Answer
    ) async throws(Problem) -> Answer {
        while true {
            let snapshot = self.snapshot
            var draft = Draft()
            let answer = try decide(snapshot, &draft)
            // Nothing to write: what was decided holds already.
            if draft.transaction.writes.isEmpty { return answer }
            do {
                try await reach(store.commit(draft.transaction))
                return answer
            } catch let error as StoreError {
                guard case .conflict(let precondition, let found) = error else { throw Self.problem(error) }
                // A repeated request: deciding again would never help, its answer is there to be read.
                if precondition.key.hasPrefix("idempotency/") { throw Problem(.conflict, "The same request is being answered.") }
                try await reach(max(found?.revision ?? 0, snapshot.revision + 1))
            } catch {
                throw Problem(wrapping: error)
            }
        }
    }

    /// For the time before ``run()``.
    func commitAtStart(_ draft: Draft) async throws(Problem) {
        do {
            let revision = try await store.commit(draft.transaction)
            let changes = draft.transaction.writes.map { write in
                switch write {
                case .put(let key, let value): Change(key: key, value: value, revision: revision)
                case .delete(let key): Change(key: key, value: nil, revision: revision)
                }
            }
            try state.withLock { try $0.snapshot.apply(changes) }
        } catch let error as StoreError {
            throw Self.problem(error)
        } catch { throw Problem(wrapping: error) }
    }

    static func problem(_ error: StoreError) -> Problem {
        switch error {
        case .overloaded:
            Problem(.overloaded, "Too many requests are waiting to be written.", remedy: "Try again in a moment.")
        case .closed: Problem(.shuttingDown, "The broker is shutting down.", remedy: "Try again in a moment.")
        case .transactionTooLarge(let what): Problem(.bodyTooLarge, "The record is too large to be stored.", detail: what)
        case .conflict(let precondition, _):
            Problem(.conflict, "The record was changed by someone else.", detail: precondition.key)
        case .failed(let why): Problem(.storeFailed, "The store cannot write.", detail: why, remedy: "Look at the broker's log and disk.")
        case .compacted: Problem(.storeFailed, "The store's history is gone.")
        }
    }
}
