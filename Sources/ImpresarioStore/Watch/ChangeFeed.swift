// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// The recent past of a store, and those who wait for its future.
///
/// Watchers pull: each keeps the revision it has seen and asks for what came after. So a slow one costs a writer nothing; when it asks for
/// what has been dropped meanwhile it is told so and reads anew.
///
/// What always holds: `history[i]` is revision `first + i`; every revision of the store is published here, in order, once.
final class ChangeFeed: Sendable {
    struct Limits: Sendable {
        var revisions = 10_000
        /// Of keys and values.
        var bytes = 32 << 20
    }

    enum Step {
        case changes([Change], at: Revision)
        /// Nothing under the prefix up to this revision.
        case nothing(upTo: Revision)
        case compacted(oldest: Revision)
        case finished
    }

    private struct State {
        var first: Revision
        var history: [[Change]] = []
        var bytes = 0
        var waiters: [UInt64: CheckedContinuation<Void, Never>] = [:]
        var lastWaiter: UInt64 = 0
        var isFinished = false

        var latest: Revision { first + Revision(history.count) - 1 }

        mutating func takeWaiters() -> [CheckedContinuation<Void, Never>] {
            defer { waiters.removeAll() }
            return Array(waiters.values)
        }
    }

    private let limits: Limits
    private let state: Mutex<State>

    /// - Parameter revision: the store's last one; earlier history is not held.
    init(after revision: Revision, limits: Limits = Limits()) {
        self.limits = limits
        state = Mutex(State(first: revision + 1))
    }

    /// - Parameter commits: the changes of one or more revisions, in order.
    func publish(_ commits: [[Change]]) {
        guard !commits.isEmpty else { return }
        let waiters = state.withLock { state in
            state.history += commits
            state.bytes += commits.joined().reduce(0) { $0 + $1.byteCount }
            trim(&state)
            return state.takeWaiters()
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Ends all watches.
    func finish() {
        let waiters = state.withLock { state in
            state.isFinished = true
            return state.takeWaiters()
        }
        for waiter in waiters { waiter.resume() }
    }

    /// The first revision after `revision` that changed something under `prefix`. Looks at no more than 256 at a time, so that a scan never
    /// holds up a writer for long.
    func step(after revision: Revision, prefix: Key) -> Step {
        state.withLock { state in
            if state.isFinished { return .finished }
            guard revision >= state.first - 1 else { return .compacted(oldest: state.first - 1) }
            guard revision < state.latest else { return .nothing(upTo: revision) }
            let start = Int(revision - state.first) + 1
            let end = min(start + 256, state.history.count)
            for index in start..<end {
                let changes = state.history[index].filter { Key($0.key).hasPrefix(prefix) }
                if !changes.isEmpty { return .changes(changes, at: state.first + Revision(index)) }
            }
            return .nothing(upTo: state.first + Revision(end) - 1)
        }
    }

    /// Returns when there is a revision after this one, when the feed is finished or when the task is cancelled.
    func wait(after revision: Revision) async {
        let id = state.withLock { state in
            state.lastWaiter += 1
            return state.lastWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                // The cancellation handler takes the same lock after the task is marked, so one of the two sees the other.
                let isDue = state.withLock { state in
                    if state.isFinished || state.latest > revision || Task.isCancelled { return true }
                    state.waiters[id] = continuation
                    return false
                }
                if isDue { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: id) }?.resume()
        }
    }

    /// Drops the oldest revisions, a quarter more than needed, so that moving the rest is paid once in a while only.
    private func trim(_ state: inout State) {
        guard state.history.count > limits.revisions || state.bytes > limits.bytes else { return }
        var drop = 0
        while drop < state.history.count,
            state.history.count - drop > limits.revisions * 3 / 4 || state.bytes > limits.bytes * 3 / 4
        {
            state.bytes -= state.history[drop].reduce(0) { $0 + $1.byteCount }
            drop += 1
        }
        state.history.removeFirst(drop)
        state.first += Revision(drop)
    }
}

extension Change {
    fileprivate var byteCount: Int { key.utf8.count + (value?.count ?? 0) }
}
