// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioPluginKit
import Testing

private enum Mode: String, CaseIterable, ParameterValue { case fast, safe }

private struct Storage: ParameterSet, Hashable {
    @Setting("Size", "Of the disk.", .format(.quantity)) var size = "1Gi"
}

private struct Settings: ParameterSet, Hashable {
    @Setting("Members", "How many.", .range(1...9)) var members = 3
    @Setting("Owner", "Whose it is.", .format(.dnsLabel)) var owner: String
    @Setting("Mode", "What to prefer.") var mode = Mode.safe
    @Setting("Ratio", "A share.", .atLeast(0), .atMost(0.5)) var ratio = 0.25
    @Setting("Note", "For people.", .length(1...80)) var note: String?
    @Setting("Peers", "Others.", .count(0...2), .unique, .each(.format(.hostname))) var peers: [String] = []
    @Setting("Limits", "By name.") var limits: [String: Int] = [:]
    @Setting("Password", "Of the first user.", .secret) var password: String? = nil
    @Setting("Storage", "Where data lies.") var storage = Storage()
    @Setting("Extra", "Handed on.") var extra: JSONValue = [:]
}

@Suite struct ParameterSetTests {
    @Test func `the schema comes from the declaration`() throws {
        let schema = Settings.schema
        #expect(schema["type"] == "object" && schema["additionalProperties"] == false && schema["required"] == ["owner"])
        let properties = try #require(schema["properties"]?.object)
        #expect(
            properties["members"]
                == ["type": "integer", "title": "Members", "description": "How many.", "minimum": 1, "maximum": 9, "default": 3])
        #expect(properties["owner"] == ["type": "string", "title": "Owner", "description": "Whose it is.", "format": "dns-label"])
        #expect(properties["mode"]?["enum"] == ["fast", "safe"] && properties["mode"]?["default"] == "safe")
        #expect(properties["ratio"]?["minimum"] == 0 && properties["ratio"]?["maximum"] == 0.5)
        #expect(properties["note"]?["type"] == "string" && properties["note"]?["default"] == nil)
        #expect(
            properties["peers"]
                == [
                    "type": "array", "items": ["type": "string", "format": "hostname"], "title": "Peers", "description": "Others.",
                    "minItems": 0, "maxItems": 2, "uniqueItems": true, "default": [],
                ])
        #expect(properties["limits"]?["additionalProperties"] == ["type": "integer"])
        #expect(properties["password"]?["writeOnly"] == true)
        #expect(properties["storage"]?["properties"]?["size"]?["default"] == "1Gi" && properties["storage"]?["default"] == ["size": "1Gi"])
    }

    @Test func `a part of it is for changes`() {
        let schema = Settings.schema(only: ["members", "owner"])
        #expect(Set(schema["properties"]?.object.map { Array($0.keys) } ?? []) == ["members", "owner"])
        #expect(schema["required"] == nil && schema["additionalProperties"] == false)
    }

    @Test func `what is left out gets its default and comes back with it`() throws {
        let document: JSONValue = ["owner": "me", "members": 5, "mode": "fast", "note": nil, "storage": [:], "unknown": 1]
        let settings = try document.decoded(as: Settings.self)
        #expect(settings.members == 5 && settings.owner == "me" && settings.mode == .fast && settings.ratio == 0.25)
        #expect(settings.note == nil && settings.peers == [] && settings.storage.size == "1Gi")
        #expect(
            try JSONValue(encoding: settings) == [
                "owner": "me", "members": 5, "mode": "fast", "ratio": 0.25, "peers": [], "limits": [:], "storage": ["size": "1Gi"],
                "extra": [:],
            ])
        #expect(try JSONValue(encoding: settings).decoded(as: Settings.self) == settings)
    }

    @Test(
        arguments: [
            ([:], "owner"), (["owner": 1], "owner"), (["owner": "a", "members": "3"], "members"), (["owner": "a", "mode": "slow"], "mode"),
            (["owner": "a", "peers": ["b", 1]], "peers.1"), (["owner": "a", "storage": ["size": 1]], "storage.size"),
        ] as [(JSONValue, String)])
    func `what does not fit is named`(document: JSONValue, path: String) throws {
        let error = #expect(throws: DecodingError.self) { try document.decoded(as: Settings.self) }
        let found: [any CodingKey] =
            switch try #require(error) {
            case .keyNotFound(let key, let context): context.codingPath + [key]
            case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context): context.codingPath
            @unknown default: []
            }
        #expect(found.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: ".") == path)
    }

    @Test func `copies are values of their own`() {
        let first = Storage()
        var second = first
        second.size = "2Gi"
        #expect(first.size == "1Gi" && second.size == "2Gi" && first != second && Storage().size == "1Gi")
        #expect(Set([first, second, Storage()]).count == 2)
    }
}
