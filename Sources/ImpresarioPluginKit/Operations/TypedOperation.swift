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
    /// The version of the plugin that had it first.
    public let since: String?
    /// What to use instead of it.
    public let deprecated: String?
    let parameters: [ParameterRow]
    /// Words that the C function takes behind the call.
    let words: Int
    /// Doubles that it takes.
    let doubles: Int
    let body: @Sendable (borrowing Call, inout WordReader) throws -> Void

    /// An operation with one result or several; the body returns a tuple of them then.
    public init<each Input: OperationArgument, each Output: OperationResult>(
        _ id: String, summary: String, flags: Flags = [], since: String? = nil, deprecated: String? = nil,
        _ inputs: repeat Parameter<each Input>, returns outputs: repeat Parameter<each Output>,
        body: @escaping @Sendable (borrowing Call, repeat each Input) throws -> (repeat each Output)
    ) {
        var shape = Shape()
        for row in repeat (each inputs).argument { shape.rows.append(row) }
        for (words, doubles) in repeat ((each Input).words, (each Input).doubles) { shape.add(words, doubles) }
        for row in repeat (each outputs).result {
            shape.rows.append(row)
            shape.add(1, 0)
        }
        self.init(id, summary, flags, since, deprecated, shape) { call, reader in
            let arguments = (repeat try (each Input)(reading: &reader))
            let results = try body(call, repeat each arguments)
            repeat try (each results).write(to: reader.next(), call)
        }
    }

    /// An operation without a result.
    public init<each Input: OperationArgument>(
        _ id: String, summary: String, flags: Flags = [], since: String? = nil, deprecated: String? = nil,
        _ inputs: repeat Parameter<each Input>, body: @escaping @Sendable (borrowing Call, repeat each Input) throws -> Void
    ) {
        var shape = Shape()
        for row in repeat (each inputs).argument { shape.rows.append(row) }
        for (words, doubles) in repeat ((each Input).words, (each Input).doubles) { shape.add(words, doubles) }
        self.init(id, summary, flags, since, deprecated, shape) { call, reader in
            let arguments = (repeat try (each Input)(reading: &reader))
            try body(call, repeat each arguments)
        }
    }

    private init(
        _ id: String, _ summary: String, _ flags: Flags, _ since: String?, _ deprecated: String?, _ shape: Shape,
        body: @escaping @Sendable (borrowing Call, inout WordReader) throws -> Void
    ) {
        self.id = id
        self.summary = summary
        self.flags = flags
        self.since = since
        self.deprecated = deprecated
        self.parameters = shape.rows
        self.words = shape.words
        self.doubles = shape.doubles
        self.body = body
    }

    /// The table and what the C function takes, gathered together.
    private struct Shape {
        var rows: [ParameterRow] = []
        var words = 0
        var doubles = 0

        mutating func add(_ words: Int, _ doubles: Int) {
            self.words += words
            self.doubles += doubles
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
