// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Slows down a guest that sends more than a broker should spend its time on: the thread that reads it pauses, then the guest's own writes block.
/// Nothing is lost and nobody else waits; a flood without end meets the deadline of its call.
struct Throttle {
    static let noticesPerSecond = 20_000.0
    static let outputPerSecond = 4.0 * 1024 * 1024

    /// In seconds of sending that are allowed at once; negative: to be waited for.
    private var credit = 1.0
    private var last: ContinuousClock.Instant
    /// It has been slowed down.
    private(set) var hasFlooded = false

    init(now: ContinuousClock.Instant) { last = now }

    mutating func notice(at now: ContinuousClock.Instant) -> Duration { spend(1 / Self.noticesPerSecond, at: now) }

    mutating func output(_ bytes: Int, at now: ContinuousClock.Instant) -> Duration { spend(Double(bytes) / Self.outputPerSecond, at: now) }

    /// How long to pause.
    private mutating func spend(_ seconds: Double, at now: ContinuousClock.Instant) -> Duration {
        credit = min(1, credit + (now - last) / .seconds(1)) - seconds
        last = now
        // In slices, since a timer is coarse, and short ones, since a kill is noticed between them.
        guard credit < -0.005 else { return .zero }
        hasFlooded = true
        return .seconds(min(-credit, 0.05))
    }

    static func pause(_ duration: Duration) {
        if duration > .zero { usleep(UInt32(duration / .microseconds(1))) }
    }
}
