// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioModel
import Testing

/// A schema, values that it takes, and values that it refuses with where and why.
struct SchemaCase: Sendable, CustomTestStringConvertible {
    let schema: JSONValue
    let valid: [JSONValue]
    let invalid: [(value: JSONValue, problems: [String])]

    var testDescription: String { (try? CanonicalJSON.encode(schema)).map { String(decoding: $0, as: UTF8.self) } ?? "?" }
}

@Suite struct JSONSchemaTests {
    @Test(arguments: cases)
    func takesWhatIsValidAndSaysWhatIsWrongWithTheRest(_ row: SchemaCase) throws {
        let schema = try JSONSchema(row.schema)
        for value in row.valid { #expect(schema.validate(value) == [], "\(value)") }
        for (value, expected) in row.invalid {
            let problems = schema.validate(value)
            #expect(problems.map { "\($0.field ?? "none"): \($0.message)" } == expected, "\(value)")
            #expect(problems.allSatisfy { $0.is(.invalidParameters) })
        }
    }

    @Test func acceptanceIsValidationWithoutItsReasons() throws {
        let values = Self.cases.flatMap { $0.valid + $0.invalid.map(\.value) }
        for row in Self.cases {
            let schema = try JSONSchema(row.schema)
            for value in values { #expect(schema.accepts(value) == schema.validate(value).isEmpty, "\(row.testDescription): \(value)") }
        }
    }

    @Test func whatCannotBeCheckedIsNotAccepted() throws {
        let costly = try JSONSchema(["not": ["items": ["items": ["pattern": "^(a|b|c){1,200}$"]]]])
        let text = JSONValue.string(String(repeating: "ab", count: 2000))
        let value = JSONValue.array(Array(repeating: .array(Array(repeating: text, count: 100)), count: 100))
        #expect(!costly.validate(value).isEmpty)
        #expect(!costly.accepts(value))
    }

    static let cases: [SchemaCase] = [
        SchemaCase(schema: true, valid: [1, nil, "x"], invalid: []),
        SchemaCase(schema: false, valid: [], invalid: [(1, [": The document is not allowed here."])]),
        SchemaCase(
            schema: ["type": "integer"], valid: [0, -3, 2.0],
            invalid: [
                (2.5, [": The document is a number; a whole number is expected."]),
                ("3", [": The document is a string; a whole number is expected."]),
                (true, [": The document is true or false; a whole number is expected."]),
            ]),
        SchemaCase(
            schema: ["type": ["number", "null"]], valid: [1, 1.5, nil],
            invalid: [("x", [": The document is a string; a number or null is expected."])]),
        SchemaCase(
            schema: ["enum": [1, 3, 5, "x", ["a": 1.0]]], valid: [1, 3.0, "x", ["a": 1]],
            invalid: [(2, [": The document is 2; one of 1, 3, 5, 'x' or an object of 1 is allowed."])]),
        SchemaCase(schema: ["const": "a"], valid: ["a"], invalid: [("b", [": The document is 'b'; only 'a' is allowed."])]),
        SchemaCase(
            schema: ["minimum": 1, "maximum": 10], valid: [1, 10, 5.5, "text"],
            invalid: [(0, [": The document is 0; it must be at least 1."]), (10.5, [": The document is 10.5; it must be at most 10."])]),
        SchemaCase(
            schema: ["exclusiveMinimum": 0, "exclusiveMaximum": 1], valid: [0.5],
            invalid: [(0, [": The document is 0; it must be more than 0."]), (1, [": The document is 1; it must be less than 1."])]),
        SchemaCase(
            schema: ["maximum": 9_007_199_254_740_993], valid: [9_007_199_254_740_993],
            invalid: [
                (9_007_199_254_740_994, [": The document is 9007199254740994; it must be at most 9007199254740993."])
            ]),
        SchemaCase(
            schema: ["multipleOf": 0.1], valid: [0.3, 1, 7.7],
            invalid: [(0.35, [": The document is 0.35; it must be a multiple of 0.1."])]),
        SchemaCase(
            schema: ["multipleOf": 512], valid: [0, 1024], invalid: [(100, [": The document is 100; it must be a multiple of 512."])]),
        SchemaCase(
            schema: ["minLength": 2, "maxLength": 3], valid: ["ab", "äöü", "🎻🎻"],
            invalid: [
                ("a", [": The document has 1 characters; it must have at least 2."]),
                ("abcd", [": The document has 4 characters; it must have at most 3."]),
            ]),
        SchemaCase(
            schema: ["pattern": "^[a-z]+(-[a-z]+)*$"], valid: ["a", "ab-cd"],
            invalid: [("a-", [": The document is 'a-'; it must match the pattern ^[a-z]+(-[a-z]+)*$."])]),
        SchemaCase(
            schema: ["items": ["type": "string"], "minItems": 1, "maxItems": 2, "uniqueItems": true], valid: [["a"], ["a", "b"]],
            invalid: [
                ([], [": The document has 0 elements; it must have at least 1."]),
                (["a", 1], ["/1: '1' is a whole number; a string is expected."]),
                (["a", "a"], ["/1: The element 'a' is there twice; each may be there once."]),
                (
                    ["a", "b", "c"],
                    [": The document has 3 elements; it must have at most 2."]
                ),
            ]),
        SchemaCase(
            schema: ["uniqueItems": true], valid: [[1, "1"]],
            invalid: [([1, 1.0], ["/1: The element 1.0 is there twice; each may be there once."])]),
        SchemaCase(
            schema: [
                "type": "object", "required": ["managers"], "additionalProperties": false,
                "properties": ["managers": ["enum": [1, 3, 5]], "workers": ["type": "integer", "minimum": 0]],
            ],
            valid: [["managers": 1], ["managers": 3, "workers": 2]],
            invalid: [
                ([:], ["/managers: 'managers' is missing."]),
                (["managers": 2], ["/managers: 'managers' is 2; one of 1, 3 or 5 is allowed."]),
                (
                    ["manager": 1, "zzzzzz": 1],
                    [
                        "/managers: 'managers' is missing.", "/manager: 'manager' is not known; 'managers' may be meant.",
                        "/zzzzzz: 'zzzzzz' is not known; known are managers, workers.",
                    ]
                ),
                ([1], [": The document is an array; an object is expected."]),
            ]),
        SchemaCase(
            schema: ["properties": ["a/b": ["properties": ["c~d": ["type": "null"]]]]], valid: [["a/b": ["c~d": nil]]],
            invalid: [(["a/b": ["c~d": 1]], ["/a~1b/c~0d: 'c~d' is a whole number; null is expected."])]),
        SchemaCase(
            schema: ["additionalProperties": ["type": "string"], "properties": ["n": ["type": "integer"]]], valid: [["n": 1, "x": "y"]],
            invalid: [(["x": 1], ["/x: 'x' is a whole number; a string is expected."])]),
        SchemaCase(
            schema: ["patternProperties": ["^x-": true, "^n": ["type": "integer"]], "additionalProperties": false],
            valid: [["x-a": "b", "n1": 2]],
            invalid: [
                (
                    ["n1": "a", "q": 1],
                    ["/n1: 'n1' is a string; a whole number is expected.", "/q: 'q' is not known; nothing is allowed here."]
                )
            ]),
        SchemaCase(
            schema: ["propertyNames": ["maxLength": 2], "minProperties": 1, "maxProperties": 2], valid: [["ab": 1]],
            invalid: [
                ([:], [": The document has 0 members; it must have at least 1."]),
                (["abc": 1], ["/abc: 'abc' has 3 characters; it must have at most 2."]),
            ]),
        SchemaCase(
            schema: ["allOf": [["minimum": 1], ["maximum": 3]]], valid: [2], invalid: [(4, [": The document is 4; it must be at most 3."])]),
        SchemaCase(
            schema: ["anyOf": [["type": "string"], ["minimum": 5]]], valid: ["a", 5, nil],
            invalid: [(4, [": The document fits none of the 2 forms that are allowed."])]),
        SchemaCase(
            schema: ["oneOf": [["multipleOf": 2], ["multipleOf": 3]]], valid: [2, 3],
            invalid: [
                (6, [": The document fits 2 of 2 forms; exactly one must fit."]),
                (5, [": The document fits none of the 2 forms that are allowed."]),
            ]),
        SchemaCase(
            schema: ["not": ["const": 0]], valid: [1], invalid: [(0, [": The document is 0, and a value is not allowed here."])]),
        SchemaCase(
            schema: [
                "$defs": ["size": ["type": "integer", "minimum": 1]],
                "properties": ["a": ["$ref": "#/$defs/size", "maximum": 3], "b": ["$ref": "#/properties/a"]],
            ],
            valid: [["a": 1, "b": 3]],
            invalid: [(["a": 0, "b": 4], ["/a: 'a' is 0; it must be at least 1.", "/b: 'b' is 4; it must be at most 3."])]),
        SchemaCase(
            schema: ["properties": ["next": ["$ref": "#"], "v": ["type": "integer"]], "additionalProperties": false],
            valid: [["next": ["next": ["v": 1]]]],
            invalid: [(["next": ["next": ["v": "x"]]], ["/next/next/v: 'v' is a string; a whole number is expected."])]),
        SchemaCase(
            schema: ["properties": ["password": ["type": "string", "pattern": "^.{8,}$", "writeOnly": true]]],
            valid: [["password": "12345678"]],
            invalid: [(["password": "hush"], ["/password: 'password' is not shown; it must match the pattern ^.{8,}$."])]),
        format(
            "ipv4", ["0.0.0.0", "255.255.255.255"], ["1.2.3", "1.2.3.256", "01.2.3.4", "1.2.3.4 ", "a.b.c.d", "", "1.2.3.-4", "١.2.3.4"],
            "an IPv4 address such as 10.20.0.1"),
        format(
            "cidr", ["10.0.0.0/8", "1.2.3.4/32", "0.0.0.0/0"], ["10.0.0.1/8", "10.0.0.0", "10.0.0.0/33", "10.0.0.0/08", "/8"],
            "an IPv4 network such as 10.20.0.0/16, with nothing set behind its prefix"),
        format(
            "hostname", ["a", "registry.example.org", "A.b"], ["", "a..b", "-a.b", "a_b", String(repeating: "a.", count: 130) + "a"],
            "a host name such as registry.example.org"),
        format("dns-label", ["a", "a-1"], ["A", "a.b", ""], Name.rule),
        format(
            "quantity", ["500m", "4Gi", "1.5", "8191Pi"], ["", "-1", "1.2.3", "4Xi", "8192Pi"], "an amount such as 500m, 2, 512Mi or 4Gi"),
        format(
            "duration", ["90s", "1h30m", "7d", "500ms", "0s"], ["", "1", "h", "1m1h", "1h1h", "-1s", "1.5h", "99999999999999d"],
            DurationText.rule),
        format(
            "date-time", ["2026-01-31T12:00:00Z", "2026-01-31T12:00:00.250Z", "2026-01-31T12:00:00+02:00"],
            ["", "2026-01-31", "12:00", "tomorrow"], "a time such as 2026-01-31T12:00:00Z"),
    ]

    static func format(_ name: String, _ valid: [String], _ invalid: [String], _ rule: String) -> SchemaCase {
        SchemaCase(
            schema: ["format": .string(name)], valid: valid.map { .string($0) } + [1],
            invalid: invalid.map {
                let shown = $0.count > 60 ? "\($0.prefix(60))…" : $0
                return (.string($0), [": The document is '\(shown)'; expected is: \(rule)."])
            })
    }

    @Test func aPointerOfTheCallersIsPutBefore() throws {
        let schema = try JSONSchema(["properties": ["a": ["type": "string"]]])
        #expect(schema.validate(["a": 1], at: "/parameters").map(\.field) == ["/parameters/a"])
        #expect(schema.validate(["a": 1], at: "/parameters").map(\.message) == ["'a' is a whole number; a string is expected."])
    }

    @Test func alternativesTellWhatEachOfThemMissed() throws {
        let schema = try JSONSchema(["anyOf": [["type": "string"], ["required": ["a"]]]])
        let problem = try #require(schema.validate([:]).first)
        #expect(problem.errors?.map(\.message) == ["The document is an object; a string is expected.", "'a' is missing."])
    }
}
