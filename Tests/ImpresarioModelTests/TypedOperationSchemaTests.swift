// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioModel
import Testing

@Suite struct TypedOperationSchemaTests {
    private static func parameter(
        _ name: String, _ kind: TypedParameter.Kind, isOut: Bool = false, isOptional: Bool = false, isSecret: Bool = false,
        defaultValue: JSONValue? = nil, schema: JSONValue? = nil
    ) -> TypedParameter {
        TypedParameter(
            name: name, summary: "Says \(name).", kind: kind, isOut: isOut, isOptional: isOptional, isSecret: isSecret,
            defaultValue: defaultValue, schema: schema)
    }

    private static func operation(_ parameters: TypedParameter...) -> TypedOperation {
        TypedOperation(
            id: "do-it", summary: "Does it.", since: nil, deprecated: nil, isReadOnly: false, isIdempotent: false, isDestructive: false,
            isLong: false, parameters: parameters)
    }

    /// For each kind what an argument may be and what it may not.
    private static let values: [(TypedParameter.Kind, good: [JSONValue], bad: [JSONValue])] = [
        (.bool, [true], [1, "true"]), (.i32, [-2_147_483_648, 2_147_483_647], [2_147_483_648, 1.5, "1"]),
        (.u32, [0, 4_294_967_295], [-1, 4_294_967_296]), (.i64, [.integer(.min), .integer(.max)], [0.5, "1"]),
        (.u64, [0, .integer(.max), "18446744073709551615"], [-1, "-1", "x", ""]), (.f64, [1, 0.5], ["1"]), (.string, ["", "a"], [1]),
        (.json, [1, "a", [1], ["a": true]], []), (.node, ["n1", "web-0"], ["", 1]), (.duration, ["90s", 90], [true, 1.5]),
        (.bytes, ["", "AP/+"], [1]), (.strings, [[], ["a", ""]], ["a", ["a", 1]]),
    ]

    @Test func eachKindIsDescribed() throws {
        #expect(Set(Self.values.map(\.0)) == Set(TypedParameter.Kind.allCases))
        for (kind, good, bad) in Self.values {
            let schema = try JSONSchema(Self.operation(Self.parameter("it", kind)).argumentsSchema)
            for value in good { #expect(schema.validate(["it": value]) == [], "\(kind) \(value)") }
            for value in bad { #expect(schema.validate(["it": value]).first?.field?.hasPrefix("/it") == true, "\(kind) \(value)") }
            #expect(schema.validate([:]).map(\.field) == ["/it"], "\(kind)")
            #expect(schema.validate(["it": good[0], "that": 1]).map(\.field) == ["/that"], "\(kind)")
        }
    }

    @Test func whatTheDeclarationSaysIsInIt() throws {
        let operation = Self.operation(
            Self.parameter("role", .string, schema: ["type": "string", "enum": ["a", "b"]]),
            Self.parameter("count", .u32, isOptional: true, defaultValue: 3, schema: ["type": "integer", "maximum": 5]),
            Self.parameter("key", .string, isOptional: true, isSecret: true), Self.parameter("token", .string, isOut: true))
        let schema = operation.argumentsSchema
        #expect(schema["required"] == ["role"] && schema["additionalProperties"] == false && schema["description"] == "Does it.")
        #expect(schema["properties"]?["role"] == ["type": "string", "enum": ["a", "b"], "description": "Says role."])
        #expect(schema["properties"]?["count"]?["default"] == 3 && schema["properties"]?["key"]?["writeOnly"] == true)
        #expect(schema["properties"]?["token"] == nil)
        #expect(operation.resultsSchema["properties"]?["token"]?["type"] == "string" && operation.resultsSchema["required"] == ["token"])
        let compiled = try JSONSchema(schema)
        #expect(compiled.validate(["role": "a", "count": 5, "key": nil]) == [])
        #expect(compiled.validate(["role": "c", "count": 6]).compactMap(\.field) == ["/count", "/role"])
        #expect(compiled.applyingDefaults(to: ["role": "a"]) == ["role": "a", "count": 3])
    }

    @Test func referencesWithinAnOwnSchemaStayWhereTheyPoint() throws {
        let own: JSONValue = [
            "$id": "urn:own", "$ref": "#/$defs/a",
            "$defs": ["a": ["type": "array", "items": ["$ref": "#/$defs/b"]], "b": ["enum": ["x", "y"]]],
        ]
        for isOptional in [false, true] {
            let schema = try JSONSchema(
                Self.operation(Self.parameter("it", .json, isOptional: isOptional, schema: own)).argumentsSchema)
            #expect(schema.validate(["it": ["x", "y"]]) == [])
            #expect(!schema.validate(["it": ["z"]]).isEmpty)
            #expect(!schema.validate(["it": "x"]).isEmpty)
        }
    }
}
