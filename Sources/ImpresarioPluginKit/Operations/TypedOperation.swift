// SPDX-License-Identifier: Apache-2.0

import CImpresario

/// An operation of a type's own: to the host a plain C function with the parameters that are declared here, called through libffi and published
/// as REST call, command with flags and console form.
///
/// Table and function come from this one value, so they cannot disagree:
///
///     TypedOperation(
///         "set-limit", summary: "Changes the limit.", flags: [.idempotent],
///         Parameter<String>("name", "Whose limit."), Parameter<Int64>("limit", "In bytes.", default: 4096),
///         returns: Parameter<String>("before", "What it was.")
///     ) { call, name, limit in
///         …
///     }
public struct TypedOperation: Sendable {
    /// What faces should know of it.
    public struct Flags: OptionSet, Sendable {
        /// As in the header.
        public var rawValue: UInt32
        /// `IMP_O_*`.
        public init(rawValue: UInt32) { self.rawValue = rawValue }
        /// Changes nothing: its class is `[read]`, else `[write]`.
        public static let readOnly = Flags(rawValue: 1)
        /// May be repeated after a crash.
        public static let idempotent = Flags(rawValue: 2)
        /// Faces ask for a confirmation.
        public static let destructive = Flags(rawValue: 4)
        /// Run as an operation with progress.
        public static let long = Flags(rawValue: 8)
    }

    /// A DNS label, unique within the type.
    public let id: String
    /// One line.
    public let summary: String
    /// What faces should know of it.
    public let flags: Flags
    let parameters: [ParameterRow]
    /// General-purpose words that the C function takes behind the call.
    let words: Int
    let body: @Sendable (borrowing Call, inout WordReader) throws -> Void

    /// An operation with one result.
    public init<each Input: OperationArgument, Output: OperationResult>(
        _ id: String, summary: String, flags: Flags = [], _ inputs: repeat Parameter<each Input>, returns output: Parameter<Output>,
        body: @escaping @Sendable (borrowing Call, repeat each Input) throws -> Output
    ) {
        var rows: [ParameterRow] = []
        var words = 1
        for row in repeat (each inputs).argument { rows.append(row) }
        for count in repeat (each Input).words { words += count }
        self.id = id
        self.summary = summary
        self.flags = flags
        self.parameters = rows + [output.result]
        self.words = words
        self.body = { call, reader in
            let arguments = (repeat try (each Input)(reading: &reader))
            let result = try body(call, repeat each arguments)
            try result.write(to: reader.next(), call)
        }
    }

    /// An operation without a result.
    public init<each Input: OperationArgument>(
        _ id: String, summary: String, flags: Flags = [], _ inputs: repeat Parameter<each Input>,
        body: @escaping @Sendable (borrowing Call, repeat each Input) throws -> Void
    ) {
        var rows: [ParameterRow] = []
        var words = 0
        for row in repeat (each inputs).argument { rows.append(row) }
        for count in repeat (each Input).words { words += count }
        self.id = id
        self.summary = summary
        self.flags = flags
        self.parameters = rows
        self.words = words
        self.body = { call, reader in
            let arguments = (repeat try (each Input)(reading: &reader))
            try body(call, repeat each arguments)
        }
    }
}

/// A named argument or result of a typed operation.
public struct Parameter<Value: Sendable>: Sendable {
    let name: String
    let summary: String
    let defaultValue: JSONValue?
    let schema: JSONValue?
    let isOptional: Bool
    let isSecret: Bool

    /// A parameter.
    ///
    /// - Parameters:
    ///   - name: a DNS label, unique within the operation.
    ///   - summary: one line.
    ///   - defaultValue: makes an argument optional.
    ///   - schema: JSON Schema of the value.
    ///   - isSecret: never logged, never stored in the clear.
    public init(_ name: String, _ summary: String, default defaultValue: JSONValue? = nil, schema: JSONValue? = nil, isSecret: Bool = false)
    {
        self.name = name
        self.summary = summary
        self.defaultValue = defaultValue
        self.schema = schema
        self.isOptional = defaultValue != nil
        self.isSecret = isSecret
    }
}

extension Parameter where Value: OperationArgument {
    var argument: ParameterRow { row(type: Value.type, isOut: false, isOptional: isOptional || Value.isOptional) }
}

extension Parameter where Value: OperationResult {
    var result: ParameterRow { row(type: Value.type, isOut: true, isOptional: false) }
}

extension Parameter {
    private func row(type: UInt32, isOut: Bool, isOptional: Bool) -> ParameterRow {
        ParameterRow(
            type: type,
            flags: (isOut ? UInt32(IMP_P_OUT) : 0) | (isOptional ? UInt32(IMP_P_OPTIONAL) : 0)
                | (isSecret ? UInt32(IMP_P_SECRET) : 0),
            name: name, summary: summary, defaultValue: defaultValue, schema: schema)
    }
}

/// A row of the table that the host reads.
struct ParameterRow: Sendable {
    var type: UInt32
    var flags: UInt32
    var name: String
    var summary: String
    var defaultValue: JSONValue?
    var schema: JSONValue?
}
