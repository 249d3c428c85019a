// SPDX-License-Identifier: Apache-2.0

extension TypedOperation {
    /// JSON Schema of the arguments, an object: derived from the declaration, with the schemas that it names for single values.
    public var argumentsSchema: JSONValue { schema(of: parameters.filter { !$0.isOut }, isClosed: true) }

    /// JSON Schema of the results, an object.
    public var resultsSchema: JSONValue { schema(of: parameters.filter(\.isOut), isClosed: false) }

    private func schema(of parameters: [TypedParameter], isClosed: Bool) -> JSONValue {
        var properties: [String: JSONValue] = [:]
        for parameter in parameters { properties[parameter.name] = parameter.valueSchema(at: "/properties/\(parameter.name)") }
        let required = parameters.filter { $0.isOut || !$0.isOptional && $0.defaultValue == nil }.map { JSONValue.string($0.name) }
        var schema: [String: JSONValue] = [
            "type": "object", "title": .string(id), "description": .string(summary), "properties": .object(properties),
        ]
        if !required.isEmpty { schema["required"] = .array(required) }
        if isClosed { schema["additionalProperties"] = false }
        return .object(schema)
    }
}

extension TypedParameter {
    /// - Parameter place: where it stands in its document, for references within a schema of the declaration's.
    fileprivate func valueSchema(at place: String) -> JSONValue {
        var schema = kind.schema(isOut: isOut)
        if isOptional, let type = schema["type"] { schema["type"] = .array((type.array ?? [type]) + ["null"]) }
        if !summary.isEmpty { schema["description"] = .string(summary) }
        if let defaultValue { schema["default"] = defaultValue }
        if isSecret { schema["writeOnly"] = true }
        guard let own = self.schema?.object, !own.isEmpty else { return .object(schema) }
        // Side by side where they do not contradict each other: that reads best, and fills in forms.
        if !isOptional, own.allSatisfy({ schema[$0.key] == nil || schema[$0.key] == $0.value || $0.key == "description" }) {
            return .object(schema.merging(Self.moved(own, to: place)) { declared, own in own == declared ? own : declared })
        }
        let inner = JSONValue.object(Self.moved(own, to: place + (isOptional ? "/anyOf/0" : "/allOf/0")))
        schema[isOptional ? "anyOf" : "allOf"] = isOptional ? [inner, ["type": "null"]] : [inner]
        return .object(schema)
    }

    /// A schema within another one: its references begin where it stands, and only a whole document has an id.
    private static func moved(_ schema: [String: JSONValue], to place: String) -> [String: JSONValue] {
        var result: [String: JSONValue] = [:]
        for (keyword, value) in schema where keyword != "$id" && keyword != "$schema" { result[keyword] = moved(value, keyword, to: place) }
        return result
    }

    private static func moved(_ value: JSONValue, _ keyword: String, to place: String) -> JSONValue {
        switch value {
        case .string(let text) where keyword == "$ref" && text.hasPrefix("#"): .string("#" + place + text.dropFirst())
        case .object(let members) where !["default", "const", "examples"].contains(keyword):
            .object(Dictionary(uniqueKeysWithValues: members.map { ($0.key, moved($0.value, $0.key, to: place)) }))
        case .array(let elements) where !["enum", "examples"].contains(keyword): .array(elements.map { moved($0, "", to: place) })
        default: value
        }
    }
}

extension TypedParameter.Kind {
    /// The values of this kind, as JSON has them.
    fileprivate func schema(isOut: Bool) -> [String: JSONValue] {
        switch self {
        case .bool: ["type": "boolean"]
        case .i32: ["type": "integer", "minimum": .integer(Int64(Int32.min)), "maximum": .integer(Int64(Int32.max))]
        case .u32: ["type": "integer", "minimum": 0, "maximum": .integer(Int64(UInt32.max))]
        case .i64: ["type": "integer"]
        // What 64 bits with a sign do not hold travels as text.
        case .u64: ["type": ["integer", "string"], "minimum": 0, "pattern": "^[0-9]{1,20}$"]
        case .f64: ["type": "number"]
        case .string: ["type": "string"]
        case .json: [:]
        case .node: isOut ? ["type": "string"] : ["type": "string", "minLength": 1, "x-kind": "node"]
        case .duration: isOut ? ["type": "string", "x-kind": "duration"] : ["type": ["string", "integer"], "x-kind": "duration"]
        case .bytes: ["type": "string", "contentEncoding": "base64"]
        case .strings: ["type": "array", "items": ["type": "string"]]
        }
    }
}
