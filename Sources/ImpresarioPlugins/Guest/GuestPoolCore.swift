// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel
import Logging
import Synchronization

/// What a pool and its threads share: the roster behind a lock, and the carrying out of what it decides.
final class GuestPoolCore: Sendable {
    private struct State {
        var roster: GuestRoster<ObjectIdentifier>
        var libraries: [PluginPin: String] = [:]
        /// Reasons, by version.
        var quarantined: [PluginPin: String] = [:]
        var crashLoops: [PluginPin: CrashLoopRule] = [:]
        /// Every guest that has not been seen to end.
        var alive: [ObjectIdentifier: Guest] = [:]
        var waiters: [UInt64: (continuation: CheckedContinuation<Answer, Never>, deadline: ContinuousClock.Instant)] = [:]
        var nextWaiter: UInt64 = 0
        var isClosed = false
    }

    /// What one who waits for a guest is told.
    private enum Answer: Sendable {
        case decision(GuestRoster<ObjectIdentifier>.Decision)
        case timedOut
        case cancelled
        case closed
    }

    let options: GuestOptions
    private let log: Logger
    private let launcher: GuestLauncher
    private let housekeeper = Housekeeper()
    private let state: Mutex<State>
    let crashLoops: AsyncStream<CrashLoop>
    private let reporter: AsyncStream<CrashLoop>.Continuation

    init(executable: String, installation: String, log: Logger, options: GuestOptions) {
        self.options = options
        self.log = log
        (crashLoops, reporter) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(64))
        launcher = GuestLauncher(executable: executable, installation: installation, options: options, log: log)
        state = Mutex(State(roster: GuestRoster(perKey: options.guestsPerTenant, total: options.guests)))
    }

    func start(installation: String) {
        GuestCgroup.removeStale(installation: installation)
        housekeeper.start { [self] now in tick(now) }
    }

    func register(_ pin: PluginPin, library: String) { state.withLock { $0.libraries[pin] = library } }

    func unregister(_ pin: PluginPin) {
        state.withLock { state in
            state.libraries[pin] = nil
            state.crashLoops[pin] = nil
            state.roster.pardon(pin)
        }
        end(pin)
    }

    func quarantine(_ pin: PluginPin, reason: String) {
        state.withLock { $0.quarantined[pin] = reason }
        end(pin)
    }

    func lift(_ pin: PluginPin) {
        state.withLock { state in
            state.quarantined[pin] = nil
            state.crashLoops[pin] = nil
            state.roster.pardon(pin)
        }
    }

    /// Ends the idle guests of a version; those that serve a call end with it.
    private func end(_ pin: PluginPin) {
        let idle = state.withLock { state in state.roster.evict(pin).compactMap { state.alive[$0] } }
        for guest in idle { guest.kill(.dismissed) }
    }

    var guestCount: Int { launcher.running }

    @Sendable func wake(by instant: ContinuousClock.Instant) { housekeeper.wake(by: instant) }

    // MARK: - Guests for calls

    func acquire(_ key: GuestKey, deadline: ContinuousClock.Instant) async throws(Problem) -> Guest {
        try refuseQuarantined(key.pin)
        guard let library = state.withLock({ $0.libraries[key.pin] }) else {
            throw Problem(
                .pluginUnavailable, "The plugin '\(key.pin.id)' \(key.pin.version) is not loaded here.", owner: .admin,
                remedy: "Install and enable it.")
        }
        while true {
            switch await decide(key, deadline: deadline) {
            case .decision(.use(let id)):
                if let guest = state.withLock({ $0.alive[id] }) { return guest }
                state.withLock { $0.roster.remove(key, member: nil) }
            case .decision(.launch):
                return try await launch(key, library: library, deadline: deadline)
            case .decision(.replace(let id)):
                state.withLock { $0.alive[id] }?.kill(.dismissed)
                return try await launch(key, library: library, deadline: deadline)
            case .decision(.backOff(let instant)):
                try await pause(until: instant, key: key, deadline: deadline)
            case .decision(.wait), .timedOut:
                throw Problem(
                    .pluginUnavailable, "All processes of the plugin '\(key.pin.id)' were busy until the call's time was over.",
                    owner: .admin)
            case .cancelled:
                throw Problem(.cancelled, "The call of the plugin '\(key.pin.id)' was cancelled before it began.")
            case .closed:
                throw Problem(.shuttingDown, "The broker is ending its plugins.")
            }
        }
    }

    private func refuseQuarantined(_ pin: PluginPin) throws(Problem) {
        guard let reason = state.withLock({ $0.quarantined[pin] }) else { return }
        throw Problem(
            .pluginQuarantined, "The plugin '\(pin.id)' \(pin.version) is quarantined: \(reason)",
            remedy: "Lift the quarantine when its cause is mended, or move its clusters to another version.")
    }

    /// Gives a guest back after its call. One that ended is taken off the roster.
    ///
    /// - Parameter fault: why the guest ended, when that is the plugin's fault.
    func release(_ guest: Guest, key: GuestKey, fault: Problem?) {
        let id = ObjectIdentifier(guest)
        let isIdle = guest.isIdle
        let isKept = state.withLock { state in
            let isKept = isIdle && !state.isClosed && state.quarantined[key.pin] == nil
            if isIdle { state.crashLoops[key.pin, default: CrashLoopRule()].endedWell(for: key.tenant, at: .now) }
            if isKept {
                state.roster.release(id, key: key, now: .now)
            } else {
                state.roster.remove(key, member: nil)
            }
            return isKept
        }
        if !isKept { guest.kill(.dismissed) }
        if let fault { count(fault, lines: guest.end?.tail ?? [], key: key) }
        serveWaiters()
    }

    /// A process ended by the plugin's fault: the tenant's next one waits, and in a crash loop the version goes into quarantine.
    private func count(_ fault: Problem, lines: [String], key: GuestKey) {
        let pin = key.pin
        let isLoop = state.withLock { state in
            state.roster.fail(key, now: .now)
            return state.crashLoops[pin, default: CrashLoopRule()].ended(for: key.tenant, at: .now) && state.quarantined[pin] == nil
        }
        guard isLoop else { return }
        let reason =
            "\(CrashLoopRule.ends) of its processes ended by their own fault within \(CrashLoopRule.window), the last one so: \(fault.message)"
        log.error("plugin quarantined", metadata: ["plugin": "\(pin.id)", "version": "\(pin.version)", "reason": "\(reason)"])
        quarantine(pin, reason: reason)
        reporter.yield(CrashLoop(pin: pin, reason: reason, lines: lines))
    }

    private func decide(_ key: GuestKey, deadline: ContinuousClock.Instant) async -> Answer {
        let id = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer: Answer? = state.withLock { state in
                    if state.isClosed { return .closed }
                    if Task.isCancelled { return .cancelled }
                    let decision = state.roster.acquire(key, now: .now)
                    guard decision == .wait else { return .decision(decision) }
                    state.roster.enqueue(id, key: key)
                    state.waiters[id] = (continuation, deadline)
                    return nil
                }
                if let answer { continuation.resume(returning: answer) } else { wake(by: deadline) }
            }
        } onCancel: {
            takeWaiter(id)?.resume(returning: .cancelled)
        }
    }

    private func takeWaiter(_ id: UInt64) -> CheckedContinuation<Answer, Never>? {
        state.withLock { state in
            guard state.roster.dequeue(id) else { return nil }
            return state.waiters.removeValue(forKey: id)?.continuation
        }
    }

    private func serveWaiters() {
        while true {
            let served = state.withLock { state -> (CheckedContinuation<Answer, Never>, Answer)? in
                guard let (id, decision) = state.roster.next(now: .now), let waiter = state.waiters.removeValue(forKey: id) else {
                    return nil
                }
                return (waiter.continuation, .decision(decision))
            }
            guard let (continuation, answer) = served else { return }
            continuation.resume(returning: answer)
        }
    }

    /// Short pauses are waited for, long ones are told.
    private func pause(until instant: ContinuousClock.Instant, key: GuestKey, deadline: ContinuousClock.Instant) async throws(Problem) {
        let pause = ContinuousClock.now.duration(to: instant)
        guard pause < .seconds(1), instant < deadline else {
            throw Problem(
                .pluginUnavailable, "The plugin '\(key.pin.id)' keeps crashing and is not started again yet.",
                remedy: "It is tried again in \(max(1, pause.components.seconds)) s.")
        }
        do {
            try await Task.sleep(until: instant, clock: .continuous)
        } catch {
            throw Problem(.cancelled, "The call of the plugin '\(key.pin.id)' was cancelled before it began.")
        }
    }

    private func launch(_ key: GuestKey, library: String, deadline: ContinuousClock.Instant) async throws(Problem) -> Guest {
        var started: Guest?
        do throws(Problem) {
            // It may have been quarantined while this call waited for its turn.
            try refuseQuarantined(key.pin)
            let guest = try await spawn(library: library, plugin: key.pin.id)
            started = guest
            _ = try await ready(guest, plugin: key.pin.id, deadline: deadline)
            return guest
        } catch {
            let end = started?.end
            state.withLock { state in
                state.roster.remove(key, member: nil)
                if error.is(.pluginInvalid) { state.roster.fail(key, now: .now) }
            }
            if error.is(.pluginCrashed) || error.is(.pluginProtocol) || end?.cause == .startTimeout {
                count(error, lines: end?.tail ?? [], key: key)
            }
            serveWaiters()
            throw error
        }
    }

    // MARK: - Starting

    /// A guest of its own, which is gone when this returns.
    func inspect(library: String) async throws(Problem) -> Readiness {
        let name = library.split(separator: "/").last.map(String.init) ?? library
        // What a guest tells after it has loaded a plugin may be the plugin's words. The layers come from one that loads nothing.
        let sandbox = try await probe()
        var readiness = try await tell(library: library, name: name)
        readiness.sandbox = sandbox
        return readiness
    }

    /// The layers that this machine gives.
    func probe() async throws(Problem) -> [SandboxLayer] {
        try await tell(library: GuestLauncher.probe, name: "sandbox").sandbox
    }

    private func tell(library: String, name: String) async throws(Problem) -> Readiness {
        let guest = try await spawn(library: library, plugin: name)
        do throws(Problem) {
            let readiness = try await ready(guest, plugin: name, deadline: nil)
            guest.kill(.dismissed)
            _ = await guest.waitForEnd()
            return readiness
        } catch {
            guest.kill(.dismissed)
            _ = await guest.waitForEnd()
            throw error
        }
    }

    private func ready(_ guest: Guest, plugin: String, deadline: ContinuousClock.Instant?) async throws(Problem) -> Readiness {
        let limit = ContinuousClock.now + options.startTimeout
        if let deadline, deadline < limit {
            guest.setDeadline(deadline, cause: .deadline)
        } else {
            guest.setDeadline(limit, cause: .startTimeout)
        }
        wake(by: min(deadline ?? limit, limit))
        let event = await withTaskCancellationHandler {
            await guest.next(isSoon: false)
        } onCancel: {
            guest.kill(.cancelled)
        }
        switch event {
        case .ready(let readiness):
            return readiness
        case .refused(let refusal) where refusal.code == "sandbox":
            guest.kill(.dismissed)
            throw Problem(
                .sandboxMissing, "No plugin is loaded here: \(refusal.message)",
                remedy: "Give the machine what is missing, or set the broker's 'sandbox' to what must be there.")
        case .refused(let refusal):
            guest.kill(.dismissed)
            throw Problem(.pluginInvalid, "The plugin cannot be used: \(refusal.message)", facts: ["reason": .string(refusal.code)])
        case .ended(let end):
            throw end.problem(plugin: plugin, what: "loading", timeout: options.startTimeout)
        case .request, .result:
            guest.kill(.fault("a message of a call before one was sent"))
            throw Problem(.pluginProtocol, "The process of the plugin '\(plugin)' broke the protocol while it was loaded.")
        }
    }

    private func spawn(library: String, plugin: String) async throws(Problem) -> Guest {
        let result = await withCheckedContinuation { (continuation: CheckedContinuation<Result<Guest, Problem>, Never>) in
            let isAccepted = housekeeper.enqueue { [self] in
                continuation.resume(
                    returning: Result { () throws(Problem) in
                        let guest = try launcher.launch(library: library, plugin: plugin)
                        let isClosed = state.withLock { state in
                            state.alive[ObjectIdentifier(guest)] = guest
                            return state.isClosed
                        }
                        if isClosed { guest.kill(.dismissed) }
                        return guest
                    })
            }
            if !isAccepted { continuation.resume(returning: .failure(Problem(.shuttingDown, "The broker is ending its plugins."))) }
        }
        return try result.get()
    }

    // MARK: - Time and end

    /// Enforces deadlines. Returns when it wants to be called again.
    private func tick(_ now: ContinuousClock.Instant) -> ContinuousClock.Instant {
        let (guests, reaped, late) = state.withLock { state in
            let alive = state.alive
            state.roster.purge { alive[$0]?.isIdle != true }
            let reaped = state.roster.reap(idleSince: now - options.idleTimeout).compactMap { state.alive[$0] }
            state.alive = state.alive.filter { $0.value.isAlive }
            return (Array(state.alive.values), reaped, state.waiters.filter { $0.value.deadline <= now }.map(\.key))
        }
        for guest in reaped { guest.kill(.dismissed) }
        for guest in guests { guest.enforce(now: now) }
        for id in late { takeWaiter(id)?.resume(returning: .timedOut) }
        serveWaiters()
        let deadlines = guests.compactMap(\.deadline) + state.withLock { $0.waiters.values.map(\.deadline) }
        return min(deadlines.min() ?? now + .seconds(1), now + .seconds(1))
    }

    func close() {
        let (guests, waiters) = state.withLock { state in
            state.isClosed = true
            defer { state.waiters = [:] }
            return (Array(state.alive.values), state.waiters.values.map(\.continuation))
        }
        for waiter in waiters { waiter.resume(returning: .closed) }
        for guest in guests { guest.kill(.dismissed) }
        housekeeper.end()
    }

    func waitForEnd() async {
        for guest in state.withLock({ Array($0.alive.values) }) { _ = await guest.waitForEnd() }
    }
}
