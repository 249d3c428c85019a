// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioModel

/// JSON arguments of a typed operation, made into what its C function takes.
enum TypedArguments {
    /// Writes the arguments in the order of the declaration: for each its kind, and for one that goes in whether it is present and its value.
    ///
    /// - Throws: `invalid-parameters` with everything that is wrong, each with a JSON pointer.
    static func write(_ arguments: [String: JSONValue], of operation: TypedOperation, to fields: inout FieldWriter) throws(Problem) {
        var errors: [Problem] = []
        let known = Set(operation.parameters.filter { !$0.isOut }.map(\.name))
        for name in arguments.keys.sorted() where !known.contains(name) {
            errors.append(
                Problem(
                    .invalidParameters, "'\(operation.id)' has no argument '\(name)'.", field: pointer(name),
                    remedy: known.isEmpty ? "It takes none." : "It takes: \(known.sorted().joined(separator: ", "))."))
        }
        fields.number(UInt32(operation.parameters.count))
        for parameter in operation.parameters {
            fields.number(parameter.kind.number)
            guard !parameter.isOut else { continue }
            let given = arguments[parameter.name].flatMap { $0 == .null ? nil : $0 } ?? parameter.defaultValue
            do throws(Problem) {
                try write(given, for: parameter, to: &fields)
            } catch {
                errors.append(error)
            }
        }
        guard errors.isEmpty else {
            throw Problem(
                .invalidParameters, errors.count == 1 ? errors[0].message : "\(errors.count) arguments of '\(operation.id)' are wrong.",
                field: errors.count == 1 ? errors[0].field : nil, remedy: errors.count == 1 ? errors[0].remedy : nil, errors: errors)
        }
    }

    private static func write(_ value: JSONValue?, for parameter: TypedParameter, to fields: inout FieldWriter) throws(Problem) {
        guard let value else {
            guard parameter.isOptional else {
                throw Problem(.invalidParameters, "The argument '\(parameter.name)' is missing.", field: pointer(parameter.name))
            }
            fields.byte(0)
            fields.block([])
            return
        }
        guard let bytes = bytes(of: value, as: parameter.kind) else {
            throw Problem(
                .invalidParameters, "The argument '\(parameter.name)' must be \(parameter.kind.rule), not \(value.kind).",
                field: pointer(parameter.name))
        }
        guard bytes.count <= PluginLimits.argument else {
            throw Problem(
                .invalidParameters, "The argument '\(parameter.name)' is longer than \(PluginLimits.argument) bytes.",
                field: pointer(parameter.name))
        }
        fields.byte(1)
        fields.block(bytes)
    }

    private static func bytes(of value: JSONValue, as kind: TypedParameter.Kind) -> [UInt8]? {
        switch kind {
        case .bool: value.bool.map { [$0 ? 1 : 0] }
        case .i32: value.integer.flatMap(Int32.init(exactly:)).map(raw)
        case .u32: value.integer.flatMap(UInt32.init(exactly:)).map(raw)
        case .i64: value.integer.map(raw)
        case .u64: (value.integer.flatMap(UInt64.init(exactly:)) ?? value.string.flatMap { UInt64($0) }).map(raw)
        case .f64: value.double.flatMap { $0.isFinite ? raw($0.bitPattern) : nil }
        case .string, .node: value.string.flatMap(text)
        case .json: (try? CanonicalJSON.encode(value)).map { Array($0) }
        case .duration: (value.string.flatMap(DurationText.parse) ?? value.integer.flatMap(DurationText.seconds)).map(raw)
        case .bytes: value.string.flatMap { Data(base64Encoded: $0) }.map { Array($0) }
        case .strings: value.array.flatMap(list)
        }
    }

    private static func text(_ text: String) -> [UInt8]? { text.utf8.contains(0) ? nil : Array(text.utf8) }

    private static func list(_ values: [JSONValue]) -> [UInt8]? {
        var fields = FieldWriter()
        fields.number(UInt32(values.count))
        for value in values {
            guard let bytes = value.string.flatMap(text) else { return nil }
            fields.block(bytes)
        }
        return fields.bytes
    }

    private static func raw(_ value: some FixedWidthInteger) -> [UInt8] { withUnsafeBytes(of: value.littleEndian) { Array($0) } }

    fileprivate static func pointer(_ name: String) -> String { "/" + JSONPointer.escape(name) }
}

/// What a typed operation's out parameters hold, made into JSON.
enum TypedResults {
    /// - Throws: `plugin-failed` for values that are not what the declaration says.
    static func read(_ values: [ArraySlice<UInt8>], of operation: TypedOperation, plugin: String) throws(Problem) -> JSONValue {
        let parameters = operation.parameters.filter(\.isOut)
        guard values.count == parameters.count else {
            throw Problem(.pluginProtocol, "The plugin '\(plugin)' answered \(values.count) of \(parameters.count) results.")
        }
        var members: [String: JSONValue] = [:]
        for (parameter, bytes) in zip(parameters, values) {
            if bytes.isEmpty, parameter.isOptional {
                members[parameter.name] = .null
            } else if let value = value(of: bytes, as: parameter.kind) {
                members[parameter.name] = value
            } else {
                throw Problem(
                    .pluginFailed,
                    "The plugin '\(plugin)' answered '\(operation.id)' with a result '\(parameter.name)' that is not \(parameter.kind.rule).",
                    field: TypedArguments.pointer(parameter.name))
            }
        }
        return .object(members)
    }

    private static func value(of bytes: ArraySlice<UInt8>, as kind: TypedParameter.Kind) -> JSONValue? {
        switch kind {
        case .bool: bytes.first.flatMap { $0 <= 1 ? .bool($0 == 1) : nil }
        case .i32: number(bytes, Int32.self).map { .integer(Int64($0)) }
        case .u32: number(bytes, UInt32.self).map { .integer(Int64($0)) }
        case .i64: number(bytes, Int64.self).map { .integer($0) }
        case .u64: number(bytes, UInt64.self).map { Int64(exactly: $0).map { .integer($0) } ?? .string(String($0)) }
        case .f64: number(bytes, UInt64.self).flatMap { Double(bitPattern: $0).isFinite ? .number(Double(bitPattern: $0)) : nil }
        case .string, .node: String(validating: bytes, as: UTF8.self).map { .string($0) }
        case .json: try? CanonicalJSON.decode(JSONValue.self, from: Data(bytes))
        case .duration: number(bytes, Int64.self).map { .string(DurationText.format($0)) }
        case .bytes: .string(Data(bytes).base64EncodedString())
        case .strings: strings(bytes)
        }
    }

    private static func number<Number: FixedWidthInteger>(_ bytes: ArraySlice<UInt8>, _ type: Number.Type) -> Number? {
        guard bytes.count == MemoryLayout<Number>.size else { return nil }
        return bytes.withUnsafeBytes { Number(littleEndian: $0.loadUnaligned(as: Number.self)) }
    }

    /// A NUL behind each text.
    private static func strings(_ bytes: ArraySlice<UInt8>) -> JSONValue? {
        guard let last = bytes.last else { return .array([]) }
        guard last == 0 else { return nil }
        var texts: [JSONValue] = []
        for part in bytes.dropLast().split(separator: 0, omittingEmptySubsequences: false) {
            guard let text = String(validating: part, as: UTF8.self) else { return nil }
            texts.append(.string(text))
        }
        return .array(texts)
    }
}

extension TypedParameter.Kind {
    /// `IMP_BOOL` … `IMP_STRS`.
    var number: UInt32 { UInt32((Self.allCases.firstIndex(of: self) ?? 0) + 1) }

    /// For messages: "must be …".
    var rule: String {
        switch self {
        case .bool: "true or false"
        case .i32: "a whole number of 32 bits"
        case .u32: "a whole number from 0 to 4294967295"
        case .i64: "a whole number of 64 bits"
        case .u64: "a whole number from 0 on (as text above 9223372036854775807)"
        case .f64: "a finite number"
        case .string: "a text without NUL"
        case .json: "a JSON value"
        case .node: "the id of a node"
        case .duration: "a duration such as '90s' or '1h30m', or whole seconds"
        case .bytes: "a base64 text"
        case .strings: "a list of texts without NUL"
        }
    }
}
