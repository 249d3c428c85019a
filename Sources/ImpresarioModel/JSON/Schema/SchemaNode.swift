// SPDX-License-Identifier: Apache-2.0

/// One schema, read and checked. Subschemas are indices into the schema's list of nodes, so that a schema may refer to itself.
struct SchemaNode: Sendable {
    /// A schema that is `false`.
    var refusesEverything = false
    var title: String?
    /// `writeOnly`: values are not quoted in messages.
    var isSecret = false
    var defaultValue: JSONValue?

    var types: [String]?
    /// `enum` and `const`, normalised.
    var allowed: [JSONValue]?

    var minimum: JSONValue?
    var maximum: JSONValue?
    var exclusiveMinimum: JSONValue?
    var exclusiveMaximum: JSONValue?
    var multipleOf: JSONValue?

    var minLength: Int?
    var maxLength: Int?
    var pattern: Pattern?
    var format: StringFormat?

    var items: Int?
    var minItems: Int?
    var maxItems: Int?
    var hasUniqueItems = false

    var properties: [String: Int] = [:]
    var patternProperties: [(pattern: Pattern, node: Int)] = []
    var additionalProperties: Int?
    /// `additionalProperties: false`, kept apart for its better message.
    var refusesOthers = false
    var propertyNames: Int?
    var required: [String] = []
    var minProperties: Int?
    var maxProperties: Int?

    var reference: Int?
    var allOf: [Int] = []
    var anyOf: [Int] = []
    var oneOf: [Int] = []
    var not: Int?

    /// Subschemas that look at the same value as this one.
    var inPlace: [Int] { allOf + anyOf + oneOf + [reference, not].compactMap { $0 } }
    /// Those of them that always apply.
    var always: [Int] { allOf + [reference].compactMap { $0 } }
}

extension JSONValue {
    /// With `2.0` as `2`, at every depth: JSON Schema takes them for equal.
    var normalised: JSONValue {
        switch self {
        case .number(let value): Int64(exactly: value).map(JSONValue.integer) ?? self
        case .array(let values): .array(values.map(\.normalised))
        case .object(let members): .object(members.mapValues(\.normalised))
        default: self
        }
    }

    /// Nil unless both are numbers.
    func isLess(than other: JSONValue) -> Bool? {
        if case .integer(let left) = self, case .integer(let right) = other { return left < right }
        guard let left = double, let right = other.double else { return nil }
        return left < right
    }

    /// Short enough for a message.
    var excerpt: String {
        switch self {
        case .null: "null"
        case .bool(let value): "\(value)"
        case .integer(let value): "\(value)"
        case .number(let value): "\(value)"
        case .string(let value): "'\(value.count > 60 ? "\(value.prefix(60))…" : value)'"
        case .array(let values): "an array of \(values.count)"
        case .object(let members): "an object of \(members.count)"
        }
    }
}
