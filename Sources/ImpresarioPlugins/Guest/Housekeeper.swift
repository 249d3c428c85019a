// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

/// The one thread that lives as long as a pool: it starts guests, because a guest dies with the thread that started it, and between jobs it looks
/// after deadlines.
final class Housekeeper: Sendable {
    private struct State {
        var jobs: [@Sendable () -> Void] = []
        /// When the sleeping thread wakes; nil while it works.
        var wakeAt: ContinuousClock.Instant?
        /// Asked for while it worked.
        var wanted: ContinuousClock.Instant?
        var isEnding = false
    }

    private let condition = NSCondition()
    private let state = Mutex(State())

    /// - Parameter tick: called between jobs; returns when it wants to be called next.
    func start(tick: @escaping @Sendable (ContinuousClock.Instant) -> ContinuousClock.Instant) {
        let thread = Thread { [self] in
            while let job = next(tick) { job() }
        }
        thread.name = "guest-housekeeper"
        thread.stackSize = 512 << 10
        thread.start()
    }

    /// Runs `job` on the thread. False when the thread ends or has ended; the job is then dropped.
    func enqueue(_ job: @escaping @Sendable () -> Void) -> Bool {
        condition.lock()
        defer { condition.unlock() }
        let isAccepted = state.withLock { state in
            if !state.isEnding { state.jobs.append(job) }
            return !state.isEnding
        }
        condition.signal()
        return isAccepted
    }

    /// The tick is wanted at `instant` at the latest.
    func wake(by instant: ContinuousClock.Instant) {
        let isEarlier = state.withLock { state in
            state.wanted = min(state.wanted ?? instant, instant)
            return state.wakeAt.map { instant < $0 } ?? false
        }
        guard isEarlier else { return }
        condition.lock()
        condition.signal()
        condition.unlock()
    }

    /// Ends the thread after the jobs that were accepted.
    func end() {
        condition.lock()
        state.withLock { $0.isEnding = true }
        condition.signal()
        condition.unlock()
    }

    private func next(_ tick: (ContinuousClock.Instant) -> ContinuousClock.Instant) -> (@Sendable () -> Void)? {
        while true {
            state.withLock { state in
                state.wakeAt = nil
                state.wanted = nil
            }
            let planned = tick(.now)
            condition.lock()
            let (job, pause, isEnding) = state.withLock { state in
                let wakeAt = min(planned, state.wanted ?? planned)
                guard state.jobs.isEmpty else { return (Optional(state.jobs.removeFirst()), Duration.zero, false) }
                state.wakeAt = wakeAt
                return (nil, ContinuousClock.now.duration(to: wakeAt), state.isEnding)
            }
            if job == nil, !isEnding, pause > .zero { _ = condition.wait(until: Date(timeIntervalSinceNow: pause / .seconds(1))) }
            condition.unlock()
            if let job { return job }
            if isEnding { return nil }
        }
    }
}
