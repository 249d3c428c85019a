// SPDX-License-Identifier: Apache-2.0

import CLinux
import Foundation
import Glibc
import ImpresarioModel
import Logging
import Synchronization

/// A running guest process.
///
/// Whoever waits for its answer receives it, on the waiting thread and for a moment: most answers come sooner than a hop to another thread and
/// back takes. For what takes longer, and for the guest's output and end, there is a thread of its own, which also reaps it and gives back
/// everything that it had. A thread, not an event loop: a guest is a process already, there are few, and a blocked wait costs nothing.
final class Guest: Sendable {
    enum Event: Sendable {
        case ready(Readiness)
        case refused(Refusal)
        case request(UInt64, [UInt8])
        case result(CallResult)
        case ended(GuestEnd)
    }

    private struct State {
        var connection = GuestConnectionState()
        var end: GuestEnd?
        /// An event that nobody has asked for yet; the protocol allows one at most.
        var inbox: Event?
        var reader: CheckedContinuation<Event, Never>?
        var endWaiters: [UInt64: CheckedContinuation<Bool, Never>] = [:]
        var nextWaiter: UInt64 = 0
        var cause = GuestEnd.Cause.exited
        var deadline: (at: ContinuousClock.Instant, cause: GuestEnd.Cause)?
        var notices: NoticeSink?
        /// Whether packets wake the thread: from the start until READY, while a caller sleeps, and during host calls, when nothing may come.
        var isWatched = true
        var wantsWatch: Bool { reader != nil || connection.isStarting || connection.hasOpenRequest }
    }

    /// Held from the receipt of a packet until its message is dealt with, so that messages keep their order.
    private struct Receiver: ~Copyable {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: FrameHeader.size + FrameHeader.maxPayload + 1, alignment: 8)
        var assembler = MessageAssembler()

        deinit { buffer.deallocate() }
    }

    private enum Reception {
        case packet, notice, nothing, end

        var isPacket: Bool { self == .packet || self == .notice }
    }

    /// Nanoseconds that a caller looks for its answer on its own thread, which may be one of the few that all tasks share.
    private static let patience: Int64 = 50_000

    let log: Logger
    private let process: OwnedDescriptor
    private let socket: GuestSocket
    private let state = Mutex(State())
    private let receiver = Mutex(Receiver())

    init(process: OwnedDescriptor, socket: GuestSocket, log: Logger) {
        self.process = process
        self.socket = socket
        self.log = log
        socket.watchPackets(true)
    }

    /// Until the process is gone.
    var isAlive: Bool { state.withLock { $0.end == nil } }
    /// Nil until the process is gone.
    var end: GuestEnd? { state.withLock { $0.end } }
    var isIdle: Bool { state.withLock { $0.connection.isIdle } }
    var deadline: ContinuousClock.Instant? { state.withLock { $0.deadline?.at } }

    // MARK: - The caller's side

    /// The next thing that the guest asks for or answers. Every end is told again and again.
    ///
    /// - Parameter isSoon: whether it may come within microseconds.
    func next(isSoon: Bool = true) async -> Event {
        if isSoon, let event = waitHere() { return event }
        return await withCheckedContinuation { continuation in
            let event = state.withLock { state -> Event? in
                if let event = take(&state) { return event }
                state.reader = continuation
                watch(true, &state)
                return nil
            }
            if let event { continuation.resume(returning: event) }
        }
    }

    /// Looks again and again for a moment. It yields in between, so that a guest on the same core gets its turn.
    private func waitHere() -> Event? {
        let limit = clinux_monotonic() + Self.patience
        while true {
            if let event = state.withLock({ take(&$0) }) { return event }
            guard clinux_monotonic() < limit else { return nil }
            sched_yield()
            if receive() == .end { return nil }
        }
    }

    private func take(_ state: inout State) -> Event? {
        if let event = state.inbox {
            state.inbox = nil
            watch(state.wantsWatch, &state)
            return event
        }
        return state.end.map { .ended($0) }
    }

    private func watch(_ isOn: Bool, _ state: inout State) {
        guard state.isWatched != isOn else { return }
        state.isWatched = isOn
        socket.watchPackets(isOn)
    }

    /// Returns true when the guest has ended, false when the task is cancelled before.
    func waitForEnd() async -> Bool {
        let id = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer: Bool? = state.withLock { state in
                    if state.end != nil { return true }
                    if Task.isCancelled { return false }
                    state.endWaiters[id] = continuation
                    return nil
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            state.withLock { $0.endWaiters.removeValue(forKey: id) }?.resume(returning: false)
        }
    }

    /// Sends a call. False when the guest cannot take one.
    func begin(
        _ verbClass: PluginVerb.Class, kind: MessageKind, payload: [UInt8], deadline: ContinuousClock.Instant, notices: NoticeSink
    ) -> Bool {
        // Finds out whether it has ended or sent what nobody asked for.
        guard receive() != .end else { return false }
        let call = state.withLock { state -> UInt64? in
            guard let call = state.connection.begin(verbClass) else { return nil }
            watch(false, &state)
            state.deadline = (deadline, .deadline)
            state.notices = notices
            return call
        }
        guard let call else { return false }
        socket.send(Message(kind: kind, call: call, payload: payload))
        return true
    }

    func reply(to request: UInt64, _ payload: [UInt8]) {
        let call = state.withLock { state -> UInt64? in
            guard let call = state.connection.reply(to: request) else { return nil }
            watch(false, &state)
            return call
        }
        guard let call else { return }
        socket.send(Message(kind: .reply, call: call, request: request, payload: payload))
    }

    /// Asks the call that runs to stop, and kills the guest when it has not within `grace`.
    func cancel(killAt: ContinuousClock.Instant) {
        let call = state.withLock { state -> UInt64? in
            guard let call = state.connection.cancel() else { return nil }
            if let deadline = state.deadline, deadline.at <= killAt { return call }
            state.deadline = (killAt, .cancelled)
            return call
        }
        if let call { socket.send(Message(kind: .cancel, call: call)) }
    }

    // MARK: - The pool's side

    func setDeadline(_ instant: ContinuousClock.Instant?, cause: GuestEnd.Cause) {
        state.withLock { $0.deadline = instant.map { ($0, cause) } }
    }

    /// Kills the guest when its time is over, or when it speaks without a call.
    func enforce(now: ContinuousClock.Instant) {
        let cause = state.withLock { state -> GuestEnd.Cause? in
            guard let deadline = state.deadline, deadline.at <= now else { return nil }
            state.deadline = nil
            return deadline.cause
        }
        if let cause { kill(cause) } else if isIdle { _ = receive() }
    }

    /// Ends the process. The first cause counts.
    func kill(_ cause: GuestEnd.Cause) {
        state.withLock { state in
            if state.end == nil, state.cause == .exited { state.cause = cause }
        }
        _ = clinux_process_kill(process.raw, SIGKILL)
    }

    // MARK: - The thread

    /// Reads until the guest is gone. Blocks; the body of the guest's thread.
    ///
    /// - Parameter reap: waits for the process and gives back what it had; returns its wait status and, when it was ended for want of memory,
    ///   how much it might have.
    func run(output: OwnedDescriptor, reap: () -> (status: Int32, exhaustedMemory: Int64?)) {
        var lines = GuestOutput(now: .now)
        var throttle = Throttle(now: .now)
        readLoop(output: output, lines: &lines, throttle: &throttle)
        // The worker's end closes the socket a moment before the process that mirrors its end is through.
        if clinux_process_wait(process.raw, 3000) == 0 { kill(.fault("it closed its connection and ran on")) }
        let (status, exhaustedMemory) = reap()
        drain(output, into: &lines)
        if let line = lines.flush(now: .now) { log.info("plugin output", metadata: ["line": "\(line)"]) }
        finish(
            GuestEnd(
                cause: .exited, signal: clinux_status_signal(status), code: clinux_status_code(status), tail: lines.tail,
                exhaustedMemory: exhaustedMemory, hasFlooded: throttle.hasFlooded))
    }

    private func readLoop(output: OwnedDescriptor, lines: inout GuestOutput, throttle: inout Throttle) {
        socket.watch(output, as: Int32(CLINUX_WATCH_OUTPUT))
        socket.watch(process, as: Int32(CLINUX_WATCH_END))
        while true {
            let ready = socket.waitForWatched()
            if ready < 0 { return }
            if ready & Int32(CLINUX_WATCH_OUTPUT) != 0 {
                let count = read(output, into: &lines)
                if count == 0 { socket.unwatch(output) }
                Throttle.pause(throttle.output(max(count, 0), at: .now))
            }
            if ready & Int32(CLINUX_WATCH_END) != 0 {
                // What it sent before. It sends no more, so there is little.
                while receive().isPacket {}
                return
            }
            guard ready & Int32(CLINUX_WATCH_PACKET) != 0 else { continue }
            switch receive() {
            case .end: return
            case .notice: Throttle.pause(throttle.notice(at: .now))
            case .packet, .nothing: break
            }
            state.withLock { watch($0.wantsWatch, &$0) }
        }
    }

    // MARK: - Receiving, on any thread

    /// Takes one packet, if there is one, and does what its message asks for.
    private func receive() -> Reception {
        receiver.withLock { receiver in
            switch socket.receive(into: receiver.buffer) {
            case .nothing:
                return .nothing
            case .end:
                state.withLock { $0.connection.end() }
                socket.shutReceiving()  // for an empty packet, of which the thread knows nothing
                return .end
            case .packet(let bytes, let descriptor):
                do throws(FrameError) {
                    guard let message = try receiver.assembler.add(bytes, descriptor: descriptor) else { return .packet }
                    return try deal(with: message) ? .notice : .packet
                } catch {
                    _ = state.withLock { $0.connection.fault(error.message) }
                    kill(.fault(error.message))
                    socket.shut()
                    return .packet
                }
            }
        }
    }

    /// - Returns: whether it was a notice.
    private func deal(with message: Message) throws(FrameError) -> Bool {
        let (reception, sink) = state.withLock { state in
            (state.connection.receive(kind: message.kind, call: message.call, request: message.request), state.notices)
        }
        switch reception {
        case .ready: deliver(.ready(try Readiness(message.payload)))
        case .refused: deliver(.refused(try Refusal(message.payload)))
        case .result: deliver(.result(try CallResult(message.payload)))
        case .request(let id): deliver(.request(id, message.payload))
        case .notice:
            guard let notice = try Notice(message) else { return true }
            if let sink { sink.take(notice) } else { NoticeSink.write(notice, to: log) }
            return true
        case .ignore: break
        case .fault(let why): throw FrameError(why)
        }
        return false
    }

    private func deliver(_ event: Event) {
        let (reader, sink) = state.withLock { state -> (CheckedContinuation<Event, Never>?, NoticeSink?) in
            var sink: NoticeSink?
            switch event {
            case .result, .ready:
                state.deadline = nil
                sink = state.notices
                state.notices = nil
            default: break
            }
            guard let reader = state.reader else {
                state.inbox = event
                return (nil, sink)
            }
            state.reader = nil
            return (reader, sink)
        }
        sink?.flush()
        reader?.resume(returning: event)
    }

    /// What `read(2)` said: 0 at the end, negative when there is nothing now.
    private func read(_ output: OwnedDescriptor, into lines: inout GuestOutput) -> Int {
        withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 1) { chunk in
            let count = Glibc.read(output.raw, chunk.baseAddress, chunk.count)
            guard count > 0 else { return count }
            for line in lines.add(chunk[..<count], now: .now) { log.info("plugin output", metadata: ["line": "\(line)"]) }
            return count
        }
    }

    /// What is left in the pipe: at most its capacity of 64 KiB, as every writer is dead or dying.
    private func drain(_ output: OwnedDescriptor, into lines: inout GuestOutput) {
        for _ in 0..<32 where read(output, into: &lines) <= 0 { return }
    }

    private func finish(_ end: GuestEnd) {
        let (end, reader, waiters) = state.withLock { state in
            var end = end
            end.cause = state.cause
            state.end = end
            state.connection.end()
            state.deadline = nil
            state.notices = nil
            defer {
                state.reader = nil
                state.endWaiters = [:]
            }
            return (end, state.reader, state.endWaiters.values)
        }
        reader?.resume(returning: .ended(end))
        for waiter in waiters { waiter.resume(returning: true) }
    }
}
