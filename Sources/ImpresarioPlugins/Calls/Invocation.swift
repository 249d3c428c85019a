// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel

/// A call as it is sent, all but the deadline: `INVOKE_VERB` or `INVOKE_OP`.
struct Invocation: Sendable {
    /// `IMP_MAX_ARGUMENT`.
    private static let documentLimit = 1 << 20

    let kind: MessageKind
    let verbClass: PluginVerb.Class
    /// For messages: "the verb 'plan'".
    let what: String
    private let template: [UInt8]
    private let deadlineOffset: Int

    /// - Throws: `invalid-parameters` for arguments that do not fit a typed operation's declaration.
    init(_ call: PluginCall) throws(Problem) {
        let document = try call.context.document()
        guard document.count <= Self.documentLimit else {
            throw Problem(.internal, "The document for the plugin is longer than \(Self.documentLimit) bytes.")
        }
        var fields = FieldWriter(capacity: document.count + 256)
        fields.text(call.type)
        switch call.target {
        case .verb(let verb):
            kind = .invokeVerb
            verbClass = verb.verbClass
            what = "the verb '\(verb.rawValue)'"
            fields.number(UInt32(PluginVerb.allCases.firstIndex(of: verb) ?? 0))
        case .operation(let operation, _):
            kind = .invokeOperation
            verbClass = operation.isReadOnly ? .read : .write
            what = "the operation '\(operation.id)'"
            fields.text(operation.id)
        }
        deadlineOffset = fields.bytes.count
        fields.number(Int64(0))
        fields.block(document)
        if case .operation(let operation, let arguments) = call.target { try TypedArguments.write(arguments, of: operation, to: &fields) }
        template = fields.bytes
    }

    /// - Parameter deadline: nanoseconds of CLOCK_MONOTONIC.
    func payload(deadline: Int64) -> [UInt8] {
        var payload = template
        withUnsafeBytes(of: deadline.littleEndian) { payload.replaceSubrange(deadlineOffset..<deadlineOffset + $0.count, with: $0) }
        return payload
    }
}
