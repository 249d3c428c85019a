// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel

/// Makes values that a JSON Schema allows, drawn by a seed.
struct SchemaSamples {
    private let document: JSONValue
    private let schema: JSONSchema
    private var random: SeededRandom

    init(_ document: JSONValue, random: SeededRandom) throws(Problem) {
        self.document = document
        schema = try JSONSchema(document)
        self.random = random
    }

    /// What the broker makes of an empty document.
    var defaults: JSONValue { schema.applyingDefaults(to: .object([:])) }

    func isValid(_ value: JSONValue) -> Bool { schema.validate(value).isEmpty }

    /// A value that is valid, or nil when none was found in some tries.
    mutating func next() -> JSONValue? {
        for _ in 0..<8 {
            let value = repaired(schema.applyingDefaults(to: draw(document, depth: 0)))
            if schema.validate(value).isEmpty { return value }
        }
        return isValid(defaults) ? defaults : nil
    }

    /// Members at fault get their default, or go.
    private func repaired(_ value: JSONValue) -> JSONValue {
        guard var members = value.object else { return value }
        let defaults = defaults.object ?? [:]
        for problem in schema.validate(value) {
            guard let name = problem.field.flatMap({ JSONPointer.tokens(of: $0)?.first }) else { continue }
            members[name] = defaults[name]
        }
        return .object(members)
    }

    // MARK: -

    private mutating func draw(_ schema: JSONValue, depth: Int) -> JSONValue {
        let schema = resolve(schema)
        if let value = schema["const"] { return value }
        if let choices = schema["enum"]?.array, let choice = choices.randomElement(using: &random) { return choice }
        if let value = schema["default"], depth > 0, chance(4) { return value }
        for key in ["oneOf", "anyOf"] {
            if let choice = schema[key]?.array?.randomElement(using: &random) { return draw(choice, depth: depth + 1) }
        }
        switch kind(of: schema) {
        case "object": return object(schema, depth: depth)
        case "array": return array(schema, depth: depth)
        case "integer": return .integer(integer(schema))
        case "number": return .number(Double(integer(schema)))
        case "boolean": return .bool(Bool.random(using: &random))
        case "string": return .string(text(schema))
        default: return schema["default"] ?? .null
        }
    }

    private mutating func chance(_ one: Int) -> Bool { Int.random(in: 0..<one, using: &random) == 0 }

    private mutating func kind(of schema: JSONValue) -> String {
        if let kind = schema["type"]?.string { return kind }
        if let kind = schema["type"]?.array?.randomElement(using: &random)?.string { return kind }
        if let first = schema["allOf"]?.array?.first { return kind(of: resolve(first)) }
        return schema["properties"] == nil ? "string" : "object"
    }

    private mutating func object(_ schema: JSONValue, depth: Int) -> JSONValue {
        var members: [String: JSONValue] = [:]
        let required = Set((schema["required"]?.array ?? []).compactMap(\.string))
        for part in [schema] + (schema["allOf"]?.array ?? []).map({ resolve($0) }) {
            for (name, property) in (part["properties"]?.object ?? [:]).sorted(by: { $0.key < $1.key })
            where required.contains(name) || (depth < 6 && !chance(3)) {
                members[name] = draw(property, depth: depth + 1)
            }
        }
        return .object(members)
    }

    private mutating func array(_ schema: JSONValue, depth: Int) -> JSONValue {
        let least = Int(schema["minItems"]?.integer ?? 0)
        let most = min(Int(schema["maxItems"]?.integer ?? 4), least + 4)
        let count = least >= most ? least : Int.random(in: least...most, using: &random)
        var items: [JSONValue] = []
        for _ in 0..<count {
            let item = draw(schema["items"] ?? ["type": "string"], depth: depth + 1)
            if schema["uniqueItems"]?.bool != true || !items.contains(item) { items.append(item) }
        }
        return .array(items)
    }

    /// Near the bounds more often than between them.
    private mutating func integer(_ schema: JSONValue) -> Int64 {
        let low = schema["minimum"]?.integer ?? schema["exclusiveMinimum"]?.integer.map { $0 + 1 } ?? -1_000_000
        let high = max(low, schema["maximum"]?.integer ?? schema["exclusiveMaximum"]?.integer.map { $0 - 1 } ?? 1_000_000)
        let step = max(1, schema["multipleOf"]?.integer ?? 1)
        let drawn: Int64 =
            switch Int.random(in: 0..<5, using: &random) {
            case 0: low
            case 1: high
            case 2: min(high, low &+ Int64.random(in: 0...3, using: &random))
            default: Int64.random(in: low...high, using: &random)
            }
        return drawn / step * step
    }

    /// Texts that somebody's pattern may want; the ones that the schema allows are drawn from.
    private static let words = [
        "a", "web", "node-1", "x1", "1", "10", "3.5", "1.2.3", "10.16.0.0/12", "192.168.7.0/24", "10.1.2.3", "localhost:5000",
        "example.org",
        "small", "tiny", "medium", "500m", "256Mi", "1Gi", "30s", "1h", "true", "Überraschung", "日本", "A_b", "a,b", "/var/lib", "key=value",
        "", " ", "with space", "\"quoted\"", "\\n", "%s%n", "$(id)", "'; --",
    ]

    private mutating func text(_ schema: JSONValue) -> String {
        var candidates = Self.words.shuffled(using: &random)
        candidates += (schema["examples"]?.array ?? []).compactMap(\.string)
        if let value = schema["default"]?.string { candidates.append(value) }
        let longest = Int(schema["maxLength"]?.integer ?? 0)
        if longest > 0, longest <= 4096, chance(3) { candidates.insert(String(repeating: "a", count: longest), at: 0) }
        var rules = schema.object ?? [:]
        for name in ["default", "examples", "title", "description"] { rules[name] = nil }
        guard let rule = try? JSONSchema(.object(rules)) else { return candidates.first ?? "" }
        return candidates.first { rule.validate(.string($0)).isEmpty } ?? candidates.last ?? ""
    }

    private func resolve(_ schema: JSONValue, depth: Int = 0) -> JSONValue {
        guard let reference = schema["$ref"]?.string, depth < 8, reference.hasPrefix("#"),
            let path = JSONPointer.tokens(of: String(reference.dropFirst()))
        else { return schema }
        var target: JSONValue? = document
        for step in path { target = target?[step] }
        return target.map { resolve($0, depth: depth + 1) } ?? schema
    }
}
