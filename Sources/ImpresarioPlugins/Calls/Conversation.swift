// SPDX-License-Identifier: Apache-2.0

import CLinux
import Foundation
import ImpresarioModel

/// One call and what the plugin asks for meanwhile. Host calls run in the caller's task, so they are cancelled with it.
struct Conversation {
    let call: PluginCall
    let invocation: Invocation
    let services: any HostServices
    let guest: Guest

    /// - Returns: nil when the guest had ended before it got the call.
    func run(
        deadline: ContinuousClock.Instant, grace: Duration, wake: @Sendable (ContinuousClock.Instant) -> Void
    ) async -> Result<JSONValue, Problem>? {
        let left = ContinuousClock.now.duration(to: deadline)
        let nanoseconds = clinux_monotonic() + Int64(left / .nanoseconds(1))
        let sink = NoticeSink(services: services, verbClass: invocation.verbClass, now: .now)
        let payload = invocation.payload(deadline: nanoseconds)
        guard guest.begin(invocation.verbClass, kind: invocation.kind, payload: payload, deadline: deadline, notices: sink) else {
            return nil
        }
        wake(deadline)
        return await withTaskCancellationHandler {
            await converse()
        } onCancel: {
            let killAt = ContinuousClock.now + grace
            guest.cancel(killAt: killAt)
            wake(killAt)
        }
    }

    /// A crash or a broken protocol; what is over in time or by the caller's wish is not.
    func isPluginsFault(_ outcome: Result<JSONValue, Problem>) -> Bool {
        guard case .failure(let problem) = outcome else { return false }
        return problem.is(.pluginCrashed) || problem.is(.pluginProtocol)
    }

    private func converse() async -> Result<JSONValue, Problem> {
        var lastHostProblem: Problem?
        while true {
            switch await guest.next() {
            case .result(let result):
                return Result { () throws(Problem) in try read(result, lastHostProblem: lastHostProblem) }
            case .request(let id, let payload):
                do throws(FrameError) {
                    guard let answer = try await answer(payload) else { continue }
                    lastHostProblem = answer.problem
                    guest.reply(to: id, answer.payload)
                } catch {
                    guest.kill(.fault(error.message))
                }
            case .ended(let end):
                return .failure(end.problem(plugin: call.plugin.id, what: invocation.what, timeout: call.timeout))
            case .ready, .refused:
                guest.kill(.fault("a message of the start while a call runs"))
            }
        }
    }

    /// Runs a host call until it is done or the guest is gone; then nil.
    private func answer(_ payload: [UInt8]) async throws(FrameError) -> HostReply? {
        let request = try HostRequest(payload)
        guard invocation.verbClass.covers(request.neededClass) else { return .failure(HostReply.notAllowed(in: invocation.verbClass)) }
        return await withTaskGroup(of: HostReply?.self) { group in
            group.addTask { await request.perform(services) }
            group.addTask { [guest] in await guest.waitForEnd() ? nil : HostReply.cancelled }
            // The waiter answers `cancelled` when this task is; the host call then answers for itself.
            var answer: HostReply?
            for await reply in group {
                guard let reply else { break }
                if reply.isFromWaiter { continue }
                answer = reply
                break
            }
            group.cancelAll()
            return answer
        }
    }

    private func read(_ result: CallResult, lastHostProblem: Problem?) throws(Problem) -> JSONValue {
        guard result.status == 0 else {
            throw PluginFailure.problem(result, plugin: call.plugin.id, what: invocation.what, lastHostProblem: lastHostProblem)
        }
        if case .operation(let operation, _) = call.target {
            return try TypedResults.read(result.values, of: operation, plugin: call.plugin.id)
        }
        guard let document = result.values.first, !document.isEmpty else { return .object([:]) }
        guard let value = try? CanonicalJSON.decode(JSONValue.self, from: Data(document)), value.object != nil else {
            throw Problem(
                .pluginFailed, "The plugin '\(call.plugin.id)' answered \(invocation.what) with something that is not a JSON object.")
        }
        return value
    }
}

extension PluginVerb.Class {
    private var rank: Int {
        switch self {
        case .pure: 0
        case .read: 1
        case .write: 2
        }
    }

    /// Whether a verb of this class may make a host call that needs `other`.
    func covers(_ other: Self) -> Bool { rank >= other.rank }
}
