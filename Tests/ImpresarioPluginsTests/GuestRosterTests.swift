// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel
import Testing

@testable import ImpresarioPlugins

@Suite struct GuestRosterTests {
    private let now = ContinuousClock.now
    private func key(_ tenant: String, plugin: String = "p") -> GuestKey {
        GuestKey(pin: PluginPin(id: plugin, version: "1", sha256: ""), tenant: ID(tenant))
    }

    @Test func anIdleMemberIsUsedAgainByItsOwnTenantOnly() {
        var roster = GuestRoster<Int>(perKey: 2, total: 9)
        #expect(roster.acquire(key("a"), now: now) == .launch)
        roster.release(1, key: key("a"), now: now)
        #expect(roster.acquire(key("b"), now: now) == .launch)
        #expect(roster.acquire(key("a"), now: now) == .use(1))
    }

    @Test func theBoundOfAKeyMakesWaitAndTheFirstInLineIsServed() {
        var roster = GuestRoster<Int>(perKey: 1, total: 9)
        #expect(roster.acquire(key("a"), now: now) == .launch)
        #expect(roster.acquire(key("a"), now: now) == .wait)
        roster.enqueue(7, key: key("a"))
        roster.enqueue(8, key: key("a"))
        #expect(roster.next(now: now) == nil)
        roster.release(1, key: key("a"), now: now)
        let first = roster.next(now: now)
        #expect(first?.id == 7 && first?.1 == .use(1))
        #expect(roster.next(now: now) == nil)
        let (isFirst, isSecond) = (roster.dequeue(8), roster.dequeue(8))
        #expect(isFirst && !isSecond)
    }

    @Test func atTheTotalTheOldestIdleMemberOfAnotherMakesRoom() {
        var roster = GuestRoster<Int>(perKey: 2, total: 2)
        for (tenant, member) in [("a", 1), ("b", 2)] {
            #expect(roster.acquire(key(tenant), now: now) == .launch)
            roster.release(member, key: key(tenant), now: now)
        }
        #expect(roster.acquire(key("c"), now: now) == .replace(1))
        #expect(roster.acquire(key("a"), now: now) == .replace(2))
        #expect(roster.acquire(key("b"), now: now) == .wait)
        roster.remove(key("c"), member: nil)
        #expect(roster.acquire(key("b"), now: now) == .launch)
    }

    @Test func pausesGrowWithCrashesAndASuccessForgetsThem() {
        var roster = GuestRoster<Int>(perKey: 9, total: 9)
        roster.fail(key("a"), now: now)
        #expect(roster.acquire(key("a"), now: now) == .launch)
        roster.fail(key("a"), now: now)
        #expect(roster.acquire(key("a"), now: now) == .backOff(now + .milliseconds(100)))
        #expect(roster.acquire(key("b"), now: now) == .launch)
        #expect(roster.acquire(key("a", plugin: "other"), now: now) == .launch)
        for _ in 0..<40 { roster.fail(key("a"), now: now) }
        #expect(roster.acquire(key("a"), now: now) == .backOff(now + .seconds(30)))
        roster.release(1, key: key("a"), now: now)
        #expect(roster.acquire(key("a"), now: now) == .use(1))
        #expect(roster.acquire(key("a"), now: now) == .launch)
    }

    @Test func pausesAreForgottenAfterAQuietWhileOrWhenAVersionIsPardoned() {
        var roster = GuestRoster<Int>(perKey: 9, total: 9)
        for _ in 0..<9 { roster.fail(key("a"), now: now) }
        let later = now + .seconds(120)
        roster.fail(key("a"), now: later)
        #expect(roster.acquire(key("a"), now: later) == .launch)
        roster.fail(key("a"), now: later)
        #expect(roster.acquire(key("a"), now: later) == .backOff(later + .milliseconds(100)))
        roster.pardon(key("a").pin)
        #expect(roster.acquire(key("a"), now: later) == .launch)
    }

    @Test func longIdleMembersAreTakenOut() {
        var roster = GuestRoster<Int>(perKey: 2, total: 2)
        #expect(roster.acquire(key("a"), now: now) == .launch)
        roster.release(1, key: key("a"), now: now)
        #expect(roster.reap(idleSince: now) == [])
        #expect(roster.reap(idleSince: now + .seconds(1)) == [1])
        #expect(roster.acquire(key("a"), now: now) == .launch)
    }
}
