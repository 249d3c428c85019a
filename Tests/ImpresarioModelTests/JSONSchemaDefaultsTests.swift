// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel
import Testing

@Suite struct JSONSchemaDefaultsTests {
    @Test func areFilledInWhereMembersAreMissingAtEveryDepth() throws {
        let schema = try JSONSchema([
            "$defs": ["size": ["type": "string", "default": "small"]],
            "properties": [
                "managers": ["type": "integer", "default": 1],
                "flavors": ["default": [:], "properties": ["worker": ["$ref": "#/$defs/size"], "manager": ["default": "medium"]]],
                "pools": ["items": ["properties": ["size": ["default": 24]]]],
                "note": ["type": "string"],
            ],
            "allOf": [["properties": ["extra": ["default": nil]]]],
            "anyOf": [["properties": ["never": ["default": 1]]]],
        ])
        #expect(
            schema.applyingDefaults(to: [:])
                == ["managers": 1, "flavors": ["worker": "small", "manager": "medium"], "extra": nil])
        #expect(
            schema.applyingDefaults(to: ["managers": 3, "flavors": ["worker": "big"], "pools": [[:], ["size": 16]], "extra": 1])
                == [
                    "managers": 3, "flavors": ["worker": "big", "manager": "medium"], "pools": [["size": 24], ["size": 16]], "extra": 1,
                ])
        #expect(schema.applyingDefaults(to: "text") == "text", "what is of another kind stays for validation to refuse")
    }

    @Test func aDefaultThatItsOwnSchemaRefusesIsFoundWhenTheSchemaIsRead() {
        let problem = #expect(throws: Problem.self) { try JSONSchema(["properties": ["a": ["type": "integer", "default": "x"]]]) }
        #expect(problem?.code == "plugin-invalid")
        #expect(problem?.message.contains("the default 'x' is not valid itself") == true)
    }

    @Test func defaultsThatBringAboutEachOtherAreRefused() {
        for schema: JSONValue in [
            ["default": [:], "properties": ["a": ["$ref": "#"]]],
            ["default": [:], "properties": ["a": ["$ref": "#"], "b": ["$ref": "#"]]],
            ["$defs": ["x": ["default": [:], "properties": ["y": ["$ref": "#/$defs/x"]]]]],
        ] {
            let problem = #expect(throws: Problem.self) { try JSONSchema(schema) }
            #expect(problem?.message == "The JSON schema cannot be used: its defaults bring about each other without end.")
        }
    }
}
