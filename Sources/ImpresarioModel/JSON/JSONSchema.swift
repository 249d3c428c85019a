// SPDX-License-Identifier: Apache-2.0

/// The part of JSON Schema 2020-12 in which plugins describe parameters.
///
/// - `type` (one or several), `enum`, `const`
/// - `minimum`, `maximum`, `exclusiveMinimum`, `exclusiveMaximum`, `multipleOf`
/// - `minLength`, `maxLength`, `pattern` (see ``Pattern`` for what it may hold), `format`: `ipv4`, `cidr`, `hostname`, `dns-label`, `quantity`, `duration`, `date-time`
/// - `minItems`, `maxItems`, `uniqueItems`, `items`
/// - `properties`, `required`, `additionalProperties`, `patternProperties`, `propertyNames`, `minProperties`, `maxProperties`
/// - `allOf`, `anyOf`, `oneOf`, `not`, `$defs`, `$ref` into the same document
/// - `default`, and what only explains: `title`, `description`, `examples`, `deprecated`, `readOnly`, `writeOnly`, `contentEncoding`,
///   `contentMediaType`, `$comment`, `x-…`
///
/// Everything else is refused by name: a constraint that is passed over would let through what the author meant to keep out. Schemas and values
/// are both taken as hostile: size, depth and time are bounded.
public struct JSONSchema: Sendable {
    private let nodes: [SchemaNode]

    /// - Throws: ``Problem`` `plugin-invalid` with a JSON pointer into the schema.
    public init(_ document: JSONValue) throws(Problem) {
        nodes = try SchemaDefaults.complete(try SchemaCompiler.compile(document))
    }

    /// What is wrong with a value, at most 50 things; empty when it is valid.
    ///
    /// - Parameter pointer: where the value stands in the caller's document (`/parameters`), put before each problem's field.
    /// - Returns: problems `invalid-parameters`, each with a JSON pointer. Members marked `writeOnly` are not quoted.
    public func validate(_ value: JSONValue, at pointer: String = "") -> [Problem] {
        SchemaValidator.validate(value, nodes, at: pointer)
    }

    /// Whether ``validate(_:at:)`` would find nothing, in a fraction of its time.
    public func accepts(_ value: JSONValue) -> Bool { SchemaAcceptance.accepts(value, nodes) }

    /// The value with `default` filled in for members that are missing, at every depth. Alternatives (`anyOf`, `oneOf`, `not`) add none.
    public func applyingDefaults(to value: JSONValue) -> JSONValue {
        SchemaDefaults.apply(nodes, to: value)
    }
}
