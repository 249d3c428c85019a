// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel

/// Guests are shared by nobody but calls of one plugin version for one tenant.
struct GuestKey: Hashable, Sendable {
    var pin: PluginPin
    var tenant: ID<Tenant>
}

/// Who gets which guest: a value, without processes or clocks. `Member` stands for a guest.
///
/// A member is counted from the decision to launch it until `remove`. It is idle between `release` and the decision to use or evict it.
struct GuestRoster<Member: Hashable> {
    enum Decision: Equatable {
        case use(Member)
        case launch
        /// Launch after this idle one of another key has been ended.
        case replace(Member)
        /// The plugin crashed lately for this tenant; not before.
        case backOff(ContinuousClock.Instant)
        case wait
    }

    private struct Idle {
        var key: GuestKey
        var member: Member
        var since: ContinuousClock.Instant
    }

    private struct Failures {
        var count: Int
        var notBefore: ContinuousClock.Instant
    }

    private struct Waiter {
        var id: UInt64
        var key: GuestKey
    }

    static var longestBackOff: Duration { .seconds(30) }

    let perKey: Int
    let total: Int
    /// Oldest first.
    private var idle: [Idle] = []
    private var counts: [GuestKey: Int] = [:]
    private var count = 0
    private var waiters: [Waiter] = []
    private var failures: [GuestKey: Failures] = [:]

    init(perKey: Int, total: Int) {
        self.perKey = perKey
        self.total = total
    }

    mutating func acquire(_ key: GuestKey, now: ContinuousClock.Instant) -> Decision {
        if let index = idle.lastIndex(where: { $0.key == key }) { return .use(idle.remove(at: index).member) }
        if let failure = failures[key], failure.notBefore > now { return .backOff(failure.notBefore) }
        guard counts[key, default: 0] < perKey else { return .wait }
        guard count >= total else {
            add(key)
            return .launch
        }
        guard let oldest = idle.first else { return .wait }
        remove(oldest.key, member: oldest.member)
        add(key)
        return .replace(oldest.member)
    }

    /// Puts the caller of a `wait` in line; `next` names it again.
    mutating func enqueue(_ id: UInt64, key: GuestKey) { waiters.append(Waiter(id: id, key: key)) }

    /// Takes it out of the line. False when it was not there any more.
    mutating func dequeue(_ id: UInt64) -> Bool {
        guard let index = waiters.firstIndex(where: { $0.id == id }) else { return false }
        waiters.remove(at: index)
        return true
    }

    /// The first in line who can be served now, and how.
    mutating func next(now: ContinuousClock.Instant) -> (id: UInt64, Decision)? {
        for (index, waiter) in waiters.enumerated() {
            let decision = acquire(waiter.key, now: now)
            if decision == .wait { continue }
            waiters.remove(at: index)
            return (waiter.id, decision)
        }
        return nil
    }

    /// The member's call ended well.
    mutating func release(_ member: Member, key: GuestKey, now: ContinuousClock.Instant) {
        idle.append(Idle(key: key, member: member, since: now))
        failures[key] = nil
    }

    /// The member, or the attempt to launch one, is gone.
    mutating func remove(_ key: GuestKey, member: Member?) {
        if let member { idle.removeAll { $0.member == member } }
        count -= 1
        let left = counts[key, default: 1] - 1
        counts[key] = left == 0 ? nil : left
    }

    /// The plugin ended a guest by its own fault: the first time it is launched again at once, then after 100 ms, twice as long each time. For the
    /// tenant whose call it was; others need not wait for it.
    mutating func fail(_ key: GuestKey, now: ContinuousClock.Instant) {
        // After a quiet while they are forgotten.
        failures = failures.filter { $0.value.notBefore + Self.longestBackOff * 2 > now }
        let count = (failures[key]?.count ?? 0) + 1
        let pause: Duration = count == 1 ? .zero : min(.milliseconds(100) * (1 << min(count - 2, 10)), Self.longestBackOff)
        failures[key] = Failures(count: count, notBefore: now + pause)
    }

    /// Forgets the failures of a version.
    mutating func pardon(_ pin: PluginPin) { failures = failures.filter { $0.key.pin != pin } }

    /// Takes out the members that have been idle since before `instant`.
    mutating func reap(idleSince instant: ContinuousClock.Instant) -> [Member] {
        let old = idle.filter { $0.since < instant }
        for entry in old { remove(entry.key, member: entry.member) }
        return old.map(\.member)
    }

    /// Takes out the idle members of a version.
    mutating func evict(_ pin: PluginPin) -> [Member] {
        let idle = idle.filter { $0.key.pin == pin }
        for entry in idle { remove(entry.key, member: entry.member) }
        return idle.map(\.member)
    }

    /// Takes out idle members that `isGone` says have ended by themselves.
    mutating func purge(_ isGone: (Member) -> Bool) {
        for entry in idle where isGone(entry.member) { remove(entry.key, member: entry.member) }
    }

    private mutating func add(_ key: GuestKey) {
        counts[key, default: 0] += 1
        count += 1
    }
}

extension GuestRoster.Decision: Sendable where Member: Sendable {}
