// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioModel

/// A call as it is sent, all but the deadline: `INVOKE_VERB` or `INVOKE_OP`.
struct Invocation: Sendable {
    /// `IMP_MAX_ARGUMENT`.
    private static let documentLimit = 1 << 20

    let kind: MessageKind
    let verbClass: PluginVerb.Class
    /// For messages: "the verb 'plan'".
    let what: String
    private let head: [UInt8]
    private let tail: [UInt8]

    /// - Throws: `invalid-parameters` for arguments that do not fit a typed operation's declaration.
    init(_ call: PluginCall) throws(Problem) {
        var head = FieldWriter()
        var tail = FieldWriter()
        head.text(call.type)
        let document: Data
        do {
            document = try CanonicalJSON.encode(call.context)
        } catch {
            throw Problem(.internal, "The document for the plugin could not be written.", detail: String(describing: error))
        }
        guard document.count <= Self.documentLimit else {
            throw Problem(.internal, "The document for the plugin is longer than \(Self.documentLimit) bytes.")
        }
        tail.block(document)
        switch call.target {
        case .verb(let verb):
            kind = .invokeVerb
            verbClass = verb.verbClass
            what = "the verb '\(verb.rawValue)'"
            head.number(UInt32(PluginVerb.allCases.firstIndex(of: verb) ?? 0))
        case .operation(let operation, let arguments):
            kind = .invokeOperation
            verbClass = operation.isReadOnly ? .read : .write
            what = "the operation '\(operation.id)'"
            head.text(operation.id)
            try TypedArguments.write(arguments, of: operation, to: &tail)
        }
        self.head = head.bytes
        self.tail = tail.bytes
    }

    /// - Parameter deadline: nanoseconds of CLOCK_MONOTONIC.
    func payload(deadline: Int64) -> [UInt8] {
        var fields = FieldWriter()
        fields.number(deadline)
        return head + fields.bytes + tail
    }
}
