// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel
import Testing

@testable import ImpresarioPlugins

@Suite struct GuestConnectionStateTests {
    private func ready() -> GuestConnectionState {
        var state = GuestConnectionState()
        #expect(state.receive(kind: .log, call: 0, request: 0) == .notice)
        #expect(state.receive(kind: .ready, call: 0, request: 0) == .ready)
        return state
    }

    @Test func aCallRunsFromBeginToResult() {
        var state = ready()
        #expect(state.begin(.write) == 1)
        #expect(state.begin(.write) == nil)
        #expect(state.receive(kind: .progress, call: 1, request: 0) == .notice)
        #expect(state.receive(kind: .request, call: 1, request: 1) == .request(1))
        #expect(state.reply(to: 1) == 1)
        #expect(state.reply(to: 1) == nil)
        #expect(state.receive(kind: .request, call: 1, request: 2) == .request(2))
        #expect(state.reply(to: 1) == nil)
        #expect(state.reply(to: 2) == 1)
        #expect(state.cancel() == 1)
        #expect(state.cancel() == nil)
        #expect(state.receive(kind: .result, call: 1, request: 0) == .result)
        #expect(state.isIdle && state.cancel() == nil)
        #expect(state.begin(.pure) == 2)
    }

    @Test func whatDoesNotBelongIsAFaultAndTheRestIsIgnored() {
        let faults: [(GuestConnectionState, MessageKind, UInt64, UInt64)] = {
            var calling = ready()
            _ = calling.begin(.read)
            var asking = calling
            _ = asking.receive(kind: .request, call: 1, request: 5)
            var answered = asking
            _ = answered.reply(to: 5)
            return [
                (GuestConnectionState(), .result, 0, 0), (GuestConnectionState(), .ready, 1, 0), (GuestConnectionState(), .event, 0, 0),
                (ready(), .ready, 0, 0), (ready(), .log, 0, 0), (ready(), .request, 1, 1), (calling, .ready, 0, 0),
                (calling, .result, 2, 0),
                (calling, .result, 0, 0), (calling, .log, 2, 0), (calling, .request, 1, 0), (calling, .refused, 0, 0),
                (asking, .result, 1, 0),
                (asking, .request, 1, 6), (asking, .log, 1, 0), (answered, .request, 1, 5), (answered, .request, 1, 4),
            ]
        }()
        for (before, kind, call, request) in faults {
            var state = before
            guard case .fault = state.receive(kind: kind, call: call, request: request) else {
                Issue.record("\(kind) \(call) \(request) in \(before.phase) was taken")
                continue
            }
            #expect(state.receive(kind: .result, call: 1, request: 0) == .ignore)
            #expect(state.begin(.write) == nil && state.cancel() == nil && state.reply(to: 5) == nil)
        }
    }

    @Test func nothingIsSentToOneThatHasEnded() {
        var state = ready()
        _ = state.begin(.write)
        state.end()
        #expect(state.begin(.write) == nil && state.cancel() == nil)
    }
}
