// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel

/// Where a guest stands, from the broker's side: a value without I/O. Each function is an event; what it returns is to be done.
///
///     starting --READY--> idle --begin--> calling --RESULT--> idle
///        |                                 |   ^
///        +--REFUSED--> refused             |   +-- reply --+
///                                          +-- REQUEST ----+
///     any --frame that does not belong there--> broken
///     any --end of file--> ended
///
/// starting  no call has been sent; notices of call 0 may come (init).
/// idle      nothing may come.
/// calling   exactly one call is out; at most one request of it is unanswered; notices carry its id.
/// refused, broken, ended  nothing is sent any more, everything that comes is ignored.
struct GuestConnectionState: Hashable {
    struct Call: Hashable {
        var id: UInt64
        var verbClass: PluginVerb.Class
        var openRequest: UInt64?
        var lastRequest: UInt64 = 0
        var isCancelled = false
    }

    enum Phase: Hashable {
        case starting
        case idle
        case calling(Call)
        case refused
        case broken
        case ended
    }

    enum Reception: Hashable {
        case ready
        case refused
        case result
        case request(UInt64)
        case notice
        case ignore
        /// The guest is to be killed, for this reason.
        case fault(String)
    }

    private(set) var phase = Phase.starting
    private var lastCall: UInt64 = 0

    var isIdle: Bool { phase == .idle }
    var isStarting: Bool { phase == .starting }
    var hasOpenRequest: Bool { if case .calling(let call) = phase { call.openRequest != nil } else { false } }
    var isAlive: Bool {
        switch phase {
        case .starting, .idle, .calling: true
        case .refused, .broken, .ended: false
        }
    }

    /// A whole message came.
    mutating func receive(kind: MessageKind, call: UInt64, request: UInt64) -> Reception {
        switch (phase, kind) {
        case (.refused, _), (.broken, _), (.ended, _):
            return .ignore
        case (.starting, .ready) where call == 0:
            phase = .idle
            return .ready
        case (.starting, .refused) where call == 0:
            phase = .refused
            return .refused
        case (.starting, .log) where call == 0:
            return .notice
        case (.calling(let current), .log), (.calling(let current), .progress), (.calling(let current), .event):
            guard call == current.id else { return fault("a notice of call \(call), which does not run") }
            return current.openRequest == nil ? .notice : fault("a notice while a request is open")
        case (.calling(let current), .result):
            guard call == current.id else { return fault("a result of call \(call), which does not run") }
            guard current.openRequest == nil else { return fault("a result while a request is open") }
            phase = .idle
            return .result
        case (.calling(var current), .request):
            guard call == current.id else { return fault("a request of call \(call), which does not run") }
            guard current.openRequest == nil else { return fault("a second request while one is open") }
            guard request > current.lastRequest else { return fault("request ids must grow") }
            current.openRequest = request
            current.lastRequest = request
            phase = .calling(current)
            return .request(request)
        default:
            return fault("a message of kind \(kind) where none belongs")
        }
    }

    /// A call is to be sent. Nil when the guest cannot take one.
    mutating func begin(_ verbClass: PluginVerb.Class) -> UInt64? {
        guard phase == .idle else { return nil }
        lastCall += 1
        phase = .calling(Call(id: lastCall, verbClass: verbClass))
        return lastCall
    }

    /// A host call was answered. The call that the reply belongs to, or nil when it is not wanted any more.
    mutating func reply(to request: UInt64) -> UInt64? {
        guard case .calling(var current) = phase, current.openRequest == request else { return nil }
        current.openRequest = nil
        phase = .calling(current)
        return current.id
    }

    /// The caller gave up. The call to be told, once.
    mutating func cancel() -> UInt64? {
        guard case .calling(var current) = phase, !current.isCancelled else { return nil }
        current.isCancelled = true
        phase = .calling(current)
        return current.id
    }

    /// A frame could not be read, or the guest is to be killed for another reason.
    mutating func fault(_ why: String) -> Reception {
        phase = .broken
        return .fault(why)
    }

    /// The process is gone.
    mutating func end() { phase = .ended }
}
