// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel
import Testing

@testable import ImpresarioPlugins

@Suite struct GuestEndTests {
    private func problem(_ cause: GuestEnd.Cause, signal: Int32 = 0, code: Int32 = 0, memory: Int64? = nil, flood: Bool = false) -> Problem
    {
        GuestEnd(cause: cause, signal: signal, code: code, tail: ["one", "two"], exhaustedMemory: memory, hasFlooded: flood)
            .problem(plugin: "p", what: "the verb 'plan'", timeout: .seconds(10))
    }

    @Test func eachEndHasANameOfItsOwnAndTheLastLines() {
        let ends: [(Problem, code: String, reason: JSONValue?, words: String)] = [
            (problem(.exited, signal: 11), "plugin-crashed", "signal", "SIGSEGV"),
            (problem(.exited, code: 3), "plugin-crashed", "exit", "exit code 3"),
            (problem(.exited, code: GuestEnd.stopped), "plugin-crashed", "stopped", "stopped its process"),
            (problem(.exited, signal: 9, memory: 1 << 20), "plugin-crashed", "out-of-memory", "more memory"),
            (problem(.deadline), "deadline-exceeded", nil, "within 10.0 seconds"),
            (problem(.deadline, flood: true), "deadline-exceeded", "flood", "writes without end"),
            (problem(.cancelled), "cancelled", nil, "was cancelled"),
            (problem(.startTimeout), "plugin-unavailable", nil, "not ready in time"),
            (problem(.fault("a frame of 7 bytes")), "plugin-protocol", nil, "broke the protocol"),
        ]
        for (problem, code, reason, words) in ends {
            #expect(problem.code == code && problem.facts?["reason"] == reason && problem.message.contains(words), "\(problem)")
            #expect(problem.detail?.contains("one | two") == true, "\(problem)")
        }
        // Killed from outside, with memory to spare.
        #expect(problem(.exited, signal: 9).message.contains("SIGKILL"))
    }
}

@Suite struct ThrottleTests {
    private let now = ContinuousClock.now

    @Test func aBurstOfASecondIsFreeAndMoreIsSlowedDown() {
        var throttle = Throttle(now: now)
        for _ in 0..<Int(Throttle.noticesPerSecond) {
            let pause = throttle.notice(at: now)
            #expect(pause == .zero)
        }
        var waited = Duration.zero
        for _ in 0..<Int(Throttle.noticesPerSecond) { waited += throttle.notice(at: now + waited) }
        #expect(throttle.hasFlooded && waited > .milliseconds(900) && waited < .milliseconds(1100), "\(waited)")
        let later = throttle.notice(at: now + .seconds(10))
        #expect(later == .zero)
    }

    @Test func outputIsCountedInBytes() {
        var throttle = Throttle(now: now)
        let small = throttle.output(1 << 20, at: now)
        let large = throttle.output(8 << 20, at: now)
        #expect(small == .zero && large > .zero && large <= .milliseconds(50))
    }
}
