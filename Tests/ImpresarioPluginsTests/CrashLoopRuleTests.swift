// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel
import Testing

@testable import ImpresarioPlugins

@Suite struct CrashLoopRuleTests {
    private let now = ContinuousClock.now

    /// Crashes of tenant `a`, one a second; what the last one says.
    private func crash(_ rule: inout CrashLoopRule, times: Int, from start: ContinuousClock.Instant, tenant: ID<Tenant> = ID("a")) -> Bool {
        var isLoop = false
        for index in 0..<times { isLoop = rule.ended(for: tenant, at: start + .seconds(index)) }
        return isLoop
    }

    @Test func fiveWithinAMinuteAreALoop() {
        var rule = CrashLoopRule()
        let isLoop1 = crash(&rule, times: 4, from: now)
        #expect(!isLoop1)
        let isLoop2 = rule.ended(for: ID("a"), at: now + .seconds(59))
        #expect(isLoop2)
    }

    @Test func slowOnesAreNone() {
        var rule = CrashLoopRule()
        for index in 0..<20 {
            let isLoop = rule.ended(for: ID("a"), at: now + .seconds(16 * index))
            #expect(!isLoop)
        }
    }

    @Test func aCallThatEndedWellBetweenBeginsANewCount() {
        var rule = CrashLoopRule()
        let isLoop3 = crash(&rule, times: 4, from: now)
        #expect(!isLoop3)
        rule.endedWell(for: ID("a"), at: now + .seconds(5))
        let isLoop4 = crash(&rule, times: 4, from: now + .seconds(6))
        #expect(!isLoop4)
        let isLoop5 = rule.ended(for: ID("a"), at: now + .seconds(11))
        #expect(isLoop5)
    }

    @Test func oneTenantCannotTakeAVersionFromAnotherThatUsesItWell() {
        var rule = CrashLoopRule()
        rule.endedWell(for: ID("b"), at: now)
        let isLoop6 = crash(&rule, times: 30, from: now)
        #expect(!isLoop6)
        // The other one's crashes count with it: nobody is served well any more.
        let isLoop7 = rule.ended(for: ID("b"), at: now + .seconds(31))
        #expect(isLoop7)
    }

    @Test func goodCallsOfLongAgoDoNotCount() {
        var rule = CrashLoopRule()
        rule.endedWell(for: ID("b"), at: now)
        let isLoop8 = crash(&rule, times: 5, from: now + .seconds(601))
        #expect(isLoop8)
    }
}
