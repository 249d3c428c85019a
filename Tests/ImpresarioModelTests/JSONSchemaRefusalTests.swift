// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel
import Testing

/// Schemas come from plugins: what is wrong or hostile in them is found when they are read, or bounded when they are used.
@Suite struct JSONSchemaRefusalTests {
    @Test(
        arguments: [
            (3, ": a schema is an object or a boolean, not integer."),
            (["if": true], "/if: the keyword 'if' is not supported."),
            (["properties": ["a": ["contains": true]]], "/properties/a/contains: the keyword 'contains' is not supported."),
            (["properties": ["a": ["$id": "x"]]], "/properties/a/$id: the keyword '$id' is not supported."),
            (["type": "int"], "/type: 'type' is 'int', expected is one or more of array, boolean, integer, null, number, object, string."),
            (
                ["type": []],
                "/type: 'type' is an array of 0, expected is one or more of array, boolean, integer, null, number, object, string."
            ),
            (["minimum": "1"], "/minimum: 'minimum' is '1', expected is a number."),
            (["minLength": -1], "/minLength: 'minLength' is -1, expected is a whole number, 0 or more."),
            (["multipleOf": 0], "/multipleOf: 'multipleOf' is 0, expected is a number above 0."),
            (["enum": []], "/enum: 'enum' is an array of 0, expected is an array with at least one value."),
            (["required": ["a", 1]], "/required: 'required' is an array of 2, expected is an array of strings."),
            (
                ["format": "email"],
                "/format: 'format' is 'email', expected is one of ipv4, cidr, hostname, dns-label, quantity, duration, date-time."
            ),
            (["$ref": "#/$defs/none"], "/$ref: there is nothing at '#/$defs/none'."),
            (
                ["$ref": "https://example.org/schema"],
                "/$ref: '$ref' is 'https://example.org/schema', expected is a pointer into this document, such as #/$defs/name."
            ),
            (
                ["$schema": "http://json-schema.org/draft-07/schema#"],
                "/$schema: '$schema' is 'http://json-schema.org/draft-07/schema#', expected is https://json-schema.org/draft/2020-12/schema."
            ),
            (["$ref": "#"], ": schemas refer to each other in a circle, or more than 32 deep, for one value."),
            (
                ["$defs": ["a": ["anyOf": [["$ref": "#/$defs/b"]]], "b": ["not": ["$ref": "#/$defs/a"]]]],
                "/$defs/a: schemas refer to each other in a circle, or more than 32 deep, for one value."
            ),
        ] as [(JSONValue, String)])
    func isNamedWithItsPlace(_ schema: JSONValue, _ expected: String) throws {
        let problem = try #require(throws: Problem.self) { try JSONSchema(schema) }
        #expect(problem.code == "plugin-invalid")
        let place = "\(problem.field ?? "none"): "
        #expect(place + problem.message.replacing("The JSON schema cannot be used: ", with: "") == expected)
    }

    @Test func aSchemaThatDoublesAtEachStepIsGivenUp() throws {
        // 2^20 ways to fail.
        var definitions: [String: JSONValue] = ["d0": ["type": "string"]]
        for level in 1...20 {
            let inner: JSONValue = ["$ref": .string("#/$defs/d\(level - 1)")]
            definitions["d\(level)"] = ["items": ["anyOf": [inner, inner]]]
        }
        let schema = try JSONSchema(["$ref": "#/$defs/d20", "$defs": .object(definitions)])
        var value: JSONValue = 1
        for _ in 0..<20 { value = [value] }
        #expect(schema.validate(value).map(\.message) == ["Checking it takes too long."])
    }

    @Test func whatIsGivenUpIsNeverTakenForValid() throws {
        let schema = try JSONSchema(["properties": ["a": ["$ref": "#"]], "not": ["required": ["b"]]])
        var value: JSONValue = [:]
        for _ in 0..<300 { value = ["a": value] }
        #expect(schema.validate(value).map(\.message) == ["It is nested too deep to be checked."])
    }

    @Test func aLargeArrayOfMistakesGivesABoundedAnswer() throws {
        let schema = try JSONSchema(["items": ["type": "string"]])
        #expect(schema.validate(.array(Array(repeating: 1, count: 1000))).count == 50)
    }

    @Test func anEnormousSchemaIsRefused() {
        let properties = Dictionary(uniqueKeysWithValues: (0..<5000).map { ("p\($0)", JSONValue.bool(true)) })
        let problem = #expect(throws: Problem.self) { try JSONSchema(["properties": .object(properties)]) }
        #expect(problem?.message == "The JSON schema cannot be used: it has more than 4096 subschemas.")
    }
}
