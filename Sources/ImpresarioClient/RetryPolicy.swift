// SPDX-License-Identifier: Apache-2.0

/// When a request is sent again, and after how long. A value: it decides, the transport acts.
public struct RetryPolicy: Sendable, Hashable {
    /// Sendings of one request, the first included.
    public var attempts: Int
    /// Before the second sending; doubled each time.
    public var firstDelay: Duration
    public var longestDelay: Duration

    public init(attempts: Int = 4, firstDelay: Duration = .milliseconds(100), longestDelay: Duration = .seconds(5)) {
        self.attempts = attempts
        self.firstDelay = firstDelay
        self.longestDelay = longestDelay
    }

    public static let never = RetryPolicy(attempts: 1)

    /// What became of one sending.
    enum Outcome: Hashable {
        /// No connection: the broker has not seen the request.
        case notSent
        /// The connection broke: the broker may have acted on it.
        case lost
        /// `503` with `retryable`.
        case busy(retryAfter: Duration?)
    }

    /// - Parameters:
    ///   - attempt: the sending that just failed, from 1.
    ///   - jitter: 0 to 1; takes up to half of the delay away, so that clients of a restarted broker do not come all at once.
    /// - Returns: how long to wait before the next sending; nil: give up.
    func delay(after outcome: Outcome, attempt: Int, isRepeatable: Bool, jitter: Double) -> Duration? {
        guard attempt < attempts else { return nil }
        var delay = min(longestDelay, firstDelay * (1 << min(attempt - 1, 20)))
        switch outcome {
        case .notSent: break
        case .lost:
            guard isRepeatable else { return nil }
        case .busy(let retryAfter):
            guard isRepeatable else { return nil }
            if let retryAfter {
                guard retryAfter <= longestDelay else { return nil }
                delay = max(delay, retryAfter)
            }
        }
        return delay * (1 - jitter / 2)
    }
}
