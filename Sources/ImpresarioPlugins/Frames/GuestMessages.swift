// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel

/// `REFUSED`: the guest cannot use the library.
struct Refusal: Hashable {
    var code: String
    var message: String

    init(_ payload: [UInt8]) throws(FrameError) {
        var fields = FieldReader(payload)
        code = try fields.text(max: 64)
        message = try fields.text(max: 4096)
        try fields.end()
    }
}

/// `READY`: the descriptor and what the sandbox is made of.
struct Readiness {
    var descriptor: ArraySlice<UInt8>
    var sandbox: [SandboxLayer]

    init(_ payload: [UInt8]) throws(FrameError) {
        var fields = FieldReader(payload)
        descriptor = try fields.block()
        sandbox = []
        for _ in 0..<(try fields.count(max: 64)) {
            sandbox.append(SandboxLayer(name: try fields.text(max: 64), isActive: try fields.flag(), detail: try fields.text(max: 1024)))
        }
        try fields.end()
    }
}

/// A problem as it travels: `imp_problem`.
struct WireProblem: Hashable {
    static let retry: UInt32 = 1

    var flags: UInt32 = 0
    var retryAfter: UInt32 = 0
    var owner: UInt32 = 0
    var code: String
    var field: String
    var message: String
    var detail: String

    init(code: String, field: String = "", message: String, detail: String = "", owner: UInt32 = 0, flags: UInt32 = 0) {
        self.code = code
        self.field = field
        self.message = message
        self.detail = detail
        self.owner = owner
        self.flags = flags
    }

    static func read(_ fields: inout FieldReader) throws(FrameError) -> WireProblem? {
        guard try fields.flag() else { return nil }
        let flags = try fields.number(UInt32.self)
        let retryAfter = try fields.number(UInt32.self)
        let owner = try fields.number(UInt32.self)
        var problem = WireProblem(
            code: try fields.text(max: 128), field: try fields.text(max: 1024), message: try fields.text(max: 4096),
            detail: try fields.text(max: 16_384), owner: owner, flags: flags)
        problem.retryAfter = retryAfter
        return problem
    }

    func write(to fields: inout FieldWriter) {
        fields.byte(1)
        fields.number(flags)
        fields.number(retryAfter)
        fields.number(owner)
        fields.text(code)
        fields.text(field)
        fields.text(message)
        fields.text(detail)
    }
}

/// `RESULT`: how a call ended.
struct CallResult {
    var status: Int32
    var problem: WireProblem?
    /// A verb's document, or the values of a typed operation's out parameters.
    var values: [ArraySlice<UInt8>]

    init(_ payload: [UInt8]) throws(FrameError) {
        var fields = FieldReader(payload)
        status = try fields.number()
        problem = try WireProblem.read(&fields)
        values = []
        for _ in 0..<(try fields.count(max: 32)) { values.append(try fields.block()) }
        try fields.end()
    }
}

/// `LOG`, `PROGRESS` and `EVENT`: one-way.
enum Notice: Hashable {
    case log(severity: Int, message: String, fields: String)
    case progress(Int, phase: String)
    case event(String, json: String)

    /// Nil when the message is of another kind.
    init?(_ message: Message) throws(FrameError) {
        var fields = FieldReader(message.payload)
        switch message.kind {
        case .log:
            self = .log(severity: Int(try fields.number(Int32.self)), message: try fields.text(), fields: try fields.text(max: 4096))
        case .progress:
            self = .progress(Int(min(try fields.number(UInt32.self), 10_000)), phase: try fields.text(max: 200))
        case .event:
            self = .event(try fields.name(max: 63), json: try fields.text(max: 16_384))
        default:
            return nil
        }
        try fields.end()
    }
}
