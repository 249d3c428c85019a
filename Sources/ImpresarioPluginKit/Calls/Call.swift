// SPDX-License-Identifier: Apache-2.0

public import CImpresario
import FoundationEssentials

#if canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// One invocation of the plugin and, through it, the host: nodes, state, secrets, certificates, log.
///
/// It is valid until the verb returns, which the compiler sees to: it can be neither copied nor stored. Host functions answer with
/// ``PluginProblem``; one that leaves the verb becomes the call's problem as the host said it. Which functions a verb may call stands in
/// their marks: `[pure]`, `[read]`, `[write]`, `[any]` as in `impresario/plugin.h`; others fail with ``PluginProblem/Status/precondition``.
public struct Call: ~Copyable {
    /// What this call is about.
    public let context: Context
    let host: UnsafePointer<imp_host>
    let pointer: OpaquePointer
    let sinks: SinkPool

    /// A call as the SDK makes it; in an author's tests, over a host table of their own.
    ///
    /// - Parameter pointer: the `imp_call *` that the host's functions are given.
    public init(context: Context, host: UnsafePointer<imp_host>, pointer: OpaquePointer) {
        self.context = context
        self.host = host
        self.pointer = pointer
        self.sinks = SinkPool(host: host, call: pointer)
    }

    /// [any] Somebody cancelled: stop soon. The core undoes what was done.
    public var isCancelled: Bool { host.pointee.cancelled(pointer) != 0 }

    /// [any] To be called in loops.
    ///
    /// - Throws: ``PluginProblem`` with ``PluginProblem/Status/cancelled``.
    public func checkCancellation() throws(PluginProblem) {
        if isCancelled { throw PluginProblem(.cancelled, code: "sdk.cancelled", "The call was cancelled.") }
    }

    /// [any] How long until the process is killed; negative when that is over.
    public var timeLeft: Duration {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        return .nanoseconds(host.pointee.deadline_ns(pointer) - Int64(now.tv_sec) * 1_000_000_000 - Int64(now.tv_nsec))
    }

    /// [any] Asks until the condition holds, at once for the first time, then `interval` after each answer.
    ///
    /// - Returns: false when `limit` (or the call's own deadline) came first.
    /// - Throws: what the condition throws, and ``PluginProblem`` when the call is cancelled.
    public func poll(upTo limit: Duration, every interval: Duration, _ condition: () throws -> Bool) throws -> Bool {
        let end = SuspendingClock.now + limit
        while true {
            try checkCancellation()
            if try condition() { return true }
            if SuspendingClock.now + interval > end || timeLeft < interval { return false }
            let (seconds, attoseconds) = interval.components
            var pause = timespec(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
            nanosleep(&pause, nil)
        }
    }

    /// Does it for all, also when it fails for one in a way that may pass. Then the last such failure is thrown at the end, so that the verb is called again.
    public func forAll<Element>(_ elements: some Sequence<Element>, _ body: (Element) throws -> Void) throws {
        var failure: PluginProblem?
        for element in elements {
            do { try body(element) } catch let problem as PluginProblem where problem.isRetryable { failure = problem }
        }
        if let failure { throw failure }
    }

    /// How much a line of the log matters.
    public enum Severity: Int32, Sendable { case trace, debug, info, notice, warning, error }

    /// [any] A line for the broker's log. No secrets; at most 4 KiB; rate-limited.
    public func log(_ severity: Severity, _ message: String, _ fields: [String: String] = [:]) {
        Arena.with { arena in
            let json = fields.isEmpty ? nil : try? JSONValue.object(fields.mapValues(JSONValue.string)).text()
            host.pointee.log(pointer, severity.rawValue, arena.text(message), arena.text(json))
        }
    }

    /// [read] How far the call is and what is done now, shown to the tenant.
    ///
    /// - Parameter fraction: 0 ... 1.
    public func progress(_ fraction: Double, _ phase: String) {
        Arena.with { arena in
            host.pointee.progress(pointer, UInt32(max(0, min(1, fraction)) * 10_000), arena.text(phase))
        }
    }

    /// [read] Something that happened to the cluster, for its event stream. No secrets.
    ///
    /// - Parameter type: a DNS label.
    public func event(_ type: String, _ fields: [String: JSONValue] = [:]) {
        guard let json = try? JSONValue.object(fields).text() else { return }
        Arena.with { arena in host.pointee.event(pointer, arena.text(type), arena.text(json)) }
    }

    /// Turns a status that is not `IMP_OK` into the problem that the host left.
    func check(_ status: imp_status) throws(PluginProblem) {
        guard status != 0 else { return }
        throw PluginProblem(status, host.pointee.last_problem(pointer))
    }

    /// Runs a host function that answers into a sink and gives back what it wrote.
    func answer(_ body: (OpaquePointer) throws(PluginProblem) -> Void) throws(PluginProblem) -> Data {
        let sink = try sinks.take()
        defer { sinks.giveBack(sink) }
        try body(sink)
        return Data(host.pointee.out_view(sink))
    }
}

/// Sinks live until the call returns and are bounded together, so they are used again.
final class SinkPool {
    private let host: UnsafePointer<imp_host>
    private let call: OpaquePointer
    private var idle: [OpaquePointer] = []

    init(host: UnsafePointer<imp_host>, call: OpaquePointer) {
        self.host = host
        self.call = call
    }

    func take() throws(PluginProblem) -> OpaquePointer {
        if let sink = idle.popLast() { return sink }
        guard let sink = host.pointee.out_new(call, 0) else {
            throw PluginProblem(.exhausted, code: "sdk.no-memory", "The host has no room for further results.", owner: .plugin)
        }
        return sink
    }

    func giveBack(_ sink: OpaquePointer) {
        host.pointee.out_clear(sink)
        idle.append(sink)
    }
}
