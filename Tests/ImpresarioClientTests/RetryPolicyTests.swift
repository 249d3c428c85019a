// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ImpresarioClient

@Suite("The retry policy")
struct RetryPolicyTests {
    private let policy = RetryPolicy(attempts: 4, firstDelay: .milliseconds(100), longestDelay: .seconds(5))

    @Test("repeats what was not sent, doubling the delay, and then gives up")
    func doubling() {
        func delay(_ attempt: Int) -> Duration? { policy.delay(after: .notSent, attempt: attempt, isRepeatable: false, jitter: 0) }
        #expect(delay(1) == .milliseconds(100))
        #expect(delay(2) == .milliseconds(200))
        #expect(delay(3) == .milliseconds(400))
        #expect(delay(4) == nil)
    }

    @Test("repeats what may have arrived only where that is safe")
    func safety() {
        #expect(policy.delay(after: .lost, attempt: 1, isRepeatable: false, jitter: 0) == nil)
        #expect(policy.delay(after: .lost, attempt: 1, isRepeatable: true, jitter: 0) == .milliseconds(100))
        #expect(policy.delay(after: .busy(retryAfter: nil), attempt: 1, isRepeatable: false, jitter: 0) == nil)
    }

    @Test("waits as long as a busy broker asks, but not longer than it is willing to")
    func retryAfter() {
        #expect(policy.delay(after: .busy(retryAfter: .seconds(2)), attempt: 1, isRepeatable: true, jitter: 0) == .seconds(2))
        #expect(policy.delay(after: .busy(retryAfter: .seconds(60)), attempt: 1, isRepeatable: true, jitter: 0) == nil)
    }

    @Test("never waits longer than its bound, and jitter only shortens")
    func bounds() {
        let patient = RetryPolicy(attempts: 100, firstDelay: .milliseconds(100), longestDelay: .seconds(5))
        for attempt in 1..<100 {
            let whole = patient.delay(after: .notSent, attempt: attempt, isRepeatable: true, jitter: 0) ?? .zero
            let least = patient.delay(after: .notSent, attempt: attempt, isRepeatable: true, jitter: 1) ?? .zero
            #expect(whole <= .seconds(5))
            #expect(least == whole / 2)
        }
    }
}
