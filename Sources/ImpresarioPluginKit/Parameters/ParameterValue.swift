// SPDX-License-Identifier: Apache-2.0

/// What a ``Setting`` can hold: `Bool`, `Int`, `Double`, `String`, ``JSONValue``, enumerations of texts, optionals, arrays, dictionaries by text and other
/// ``ParameterSet``s.
public protocol ParameterValue: Codable, Sendable {
    /// JSON Schema keywords of the type.
    static var valueSchema: [String: JSONValue] { get }
    /// What a setting holds that the tenant left out; nil when it must not be.
    static var absent: Self? { get }
    /// Whether it is left out of documents.
    var isAbsent: Bool { get }
}

extension ParameterValue {
    /// It must be given.
    public static var absent: Self? { nil }
    /// No.
    public var isAbsent: Bool { false }
}

extension Bool: ParameterValue {
    /// `boolean`
    public static var valueSchema: [String: JSONValue] { ["type": "boolean"] }
}

extension Int: ParameterValue {
    /// `integer`
    public static var valueSchema: [String: JSONValue] { ["type": "integer"] }
}

extension Double: ParameterValue {
    /// `number`
    public static var valueSchema: [String: JSONValue] { ["type": "number"] }
}

extension String: ParameterValue {
    /// `string`
    public static var valueSchema: [String: JSONValue] { ["type": "string"] }
}

extension JSONValue: ParameterValue {
    /// Anything.
    public static var valueSchema: [String: JSONValue] { [:] }
}

/// `enum Mode: String, CaseIterable, ParameterValue { case fast, safe }` is a setting with two choices.
extension ParameterValue where Self: RawRepresentable & CaseIterable, RawValue == String {
    /// A text out of a list.
    public static var valueSchema: [String: JSONValue] {
        ["type": "string", "enum": .array(allCases.map { .string($0.rawValue) })]
    }
}

extension Array: ParameterValue where Element: ParameterValue {
    /// An array of those.
    public static var valueSchema: [String: JSONValue] { ["type": "array", "items": .object(Element.valueSchema)] }
}

extension Dictionary: ParameterValue where Key == String, Value: ParameterValue {
    /// An object with members of that kind.
    public static var valueSchema: [String: JSONValue] { ["type": "object", "additionalProperties": .object(Value.valueSchema)] }
}

extension Optional: ParameterValue where Wrapped: ParameterValue {
    /// That of what is wrapped: what is nil is left out, not null.
    public static var valueSchema: [String: JSONValue] { Wrapped.valueSchema }
    /// Nil.
    public static var absent: Wrapped?? { .some(nil) }
    /// When it is nil.
    public var isAbsent: Bool { self == nil }
}
