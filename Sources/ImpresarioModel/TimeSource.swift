// SPDX-License-Identifier: Apache-2.0

/// Where time comes from: the machine's clocks, or those of a simulation.
///
/// Everything that decides by time or waits for it takes one of these, so that years can be tested in seconds and a run can be repeated.
public struct TimeSource: Sendable {
    /// The wall clock. Somebody may set it, forwards or backwards: right for what is recorded, wrong for measuring.
    public let now: @Sendable () -> Timestamp
    /// Time since some moment before: never set, right for measuring, without meaning outside the process.
    public let elapsed: @Sendable () -> Duration
    private let pause: @Sendable (Duration) async throws -> Void

    public init(
        now: @escaping @Sendable () -> Timestamp, elapsed: @escaping @Sendable () -> Duration,
        sleep: @escaping @Sendable (Duration) async throws -> Void
    ) {
        self.now = now
        self.elapsed = elapsed
        pause = sleep
    }

    /// The machine's time, with another wall clock if one is given.
    public init(now: @escaping @Sendable () -> Timestamp = Timestamp.now) {
        let start = ContinuousClock.now
        self.init(now: now, elapsed: { ContinuousClock.now - start }, sleep: { try await Task.sleep(for: $0) })
    }

    public static let machine = TimeSource()

    /// Returns when the time is over.
    ///
    /// - Throws: `CancellationError` as soon as the task is cancelled.
    public func sleep(for duration: Duration) async throws { try await pause(duration) }
}
