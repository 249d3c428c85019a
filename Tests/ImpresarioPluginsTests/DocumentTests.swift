// SPDX-License-Identifier: Apache-2.0

import Foundation
import GuestTesting
import ImpresarioModel
import ImpresarioPlugins
import Testing

@Suite struct DocumentTests {
    private static let docs = GuestFixture.packageRoot.appending(path: "docs/abi")
    private static let isRecording = ProcessInfo.processInfo.environment["IMPRESARIO_RECORD"] == "1"

    @Test func theSchemasArePublishedWordForWord() throws {
        for (name, text) in DocumentSchemas.all {
            let file = Self.docs.appending(path: "schemas/\(name).json")
            if Self.isRecording { try Data((text + "\n").utf8).write(to: file) }
            #expect(try String(contentsOf: file, encoding: .utf8) == text + "\n", "\(name) differs; IMPRESARIO_RECORD=1 writes it anew")
        }
        let files = try FileManager.default.contentsOfDirectory(atPath: Self.docs.appending(path: "schemas").path)
        #expect(Set(files) == Set(DocumentSchemas.all.map { $0.name + ".json" }))
    }

    @Test func thePageOfDocumentsSaysWhatTheSchemasSay() throws {
        let file = Self.docs.appending(path: "documents.md")
        let mark = "<!-- What follows is made from the schemas. -->\n"
        let page = try String(contentsOf: file, encoding: .utf8)
        let head = try #require(page.range(of: mark))
        let expected = page[..<head.upperBound] + (try DocumentPage.text())
        if Self.isRecording { try Data(expected.utf8).write(to: file) }
        #expect(page == expected, "documents.md differs; IMPRESARIO_RECORD=1 writes it anew")
    }

    @Test func everySchemaCanBeUsedAndNamesItsVersion() throws {
        for (name, text) in DocumentSchemas.all {
            let document = try CanonicalJSON.decode(JSONValue.self, from: Data(text.utf8))
            _ = try JSONSchema(document)
            #expect(document["$id"]?.string == "urn:impresario:document:\(name):1")
            #expect(document["title"]?.string?.isEmpty == false && document["description"]?.string?.isEmpty == false)
        }
    }

    private static let good: [(PluginVerb, JSONValue)] = [
        (.validate, ["params": ["a": 1]]), (.validate, ["params": [:], "warnings": nil, "future": [1]]),
        (.plan, ["groups": [["name": "a", "role": "r", "count": 3, "flavor": "small", "spread": nil]], "v": 1]),
        (.bootstrap, ["joined": []]), (.join, ["joined": ["n1"]]), (.health, ["health": "healthy"]), (.leave, [:]), (.leave, ["more": 1]),
        (.credentials, ["files": ["a": "b"], "env": [:], "expires_at": nil]), (.revoke, [:]), (.configure, [:]), (.upgrade, [:]),
        (.migrate, [:]), (.destroy, [:]),
    ]

    private static let bad: [(PluginVerb, JSONValue, String)] = [
        (.validate, [:], "/params"), (.validate, ["params": 3], "/params"),
        (.validate, ["params": [:], "warnings": ["a", 1]], "/warnings/1"),
        (.plan, [:], "/groups"), (.plan, ["groups": []], "/groups"),
        (.plan, ["groups": [["name": "a", "role": "r", "count": "3", "flavor": "small"]]], "/groups/0/count"),
        (.plan, ["groups": [["name": "No", "role": "r", "count": 3, "flavor": "small"]]], "/groups/0/name"),
        (.plan, ["groups": [["name": "a", "role": "r", "count": 3]]], "/groups/0/flavor"),
        (
            .plan,
            [
                "groups": [["name": "a", "role": "r", "count": 1, "flavor": "small"]],
                "endpoints": [["name": "e", "group": "a", "port": 65536, "expose": "tenant"]],
            ], "/endpoints/0/port"
        ),
        (.bootstrap, [:], "/joined"), (.bootstrap, ["joined": "n1"], "/joined"), (.join, ["joined": [1]], "/joined/0"),
        (.health, ["health": "fine"], "/health"), (.health, ["health": "healthy", "nodes": [["id": "n1"]]], "/nodes/0/state"),
        (.health, ["health": "healthy", "conditions": [["type": "A", "severity": "bad", "message": "m"]]], "/conditions/0/severity"),
        (.credentials, ["files": [:]], "/env"), (.credentials, ["files": ["a/b": 1], "env": [:]], "/files/a~1b"),
        (.credentials, ["files": [:], "env": [:], "expires_at": "soon"], "/expires_at"),
        (.plan, ["v": 2, "groups": [["name": "a", "role": "r", "count": 1, "flavor": "small"]]], "/v"),
    ]

    private static func arguments(_ verb: PluginVerb) -> JSONValue {
        switch verb {
        case .join, .leave: ["nodes": ["n1"]]
        case .credentials, .revoke: ["binding": "b1"]
        case .configure: ["old": [:], "new": [:]]
        case .upgrade: ["phase": "nodes", "nodes": ["n1"], "to": "2"]
        case .migrate: ["from": 1, "to": 2]
        default: [:]
        }
    }

    @Test func anAnswerThatBreaksItsSchemaIsThePluginsMistakeWithAPointer() async throws {
        try await GuestFixture.with(library: "answers", checksDocuments: true) { fixture in
            for (verb, answer) in Self.good {
                let given = try await fixture.call(verb, params: ["answer": answer], args: Self.arguments(verb))
                #expect(given == answer, "\(verb)")
            }
            for (verb, answer, field) in Self.bad {
                let problem = await #expect(throws: Problem.self, "\(verb) \(answer)") {
                    try await fixture.call(verb, params: ["answer": answer], args: Self.arguments(verb))
                }
                #expect(
                    problem?.is(.pluginFailed) == true && problem?.owner == .plugin && problem?.field == field, "\(verb): \(problem as Any)"
                )
                #expect(problem?.message.hasPrefix("The plugin 'answers' 1.2.3 answered '\(verb.rawValue)' wrongly: ") == true)
            }
            let several = await #expect(throws: Problem.self) {
                try await fixture.call(.credentials, params: ["answer": ["v": 1]], args: Self.arguments(.credentials))
            }
            #expect(several?.errors?.compactMap(\.field) == ["/files", "/env"])
        }
    }

    @Test func argumentsThatBreakTheirSchemaAreTheBrokersMistake() async throws {
        try await GuestFixture.with(library: "answers", checksDocuments: true) { fixture async throws in
            let bad: [(PluginVerb, JSONValue, String)] = [
                (.join, [:], "/args/nodes"), (.join, ["nodes": []], "/args/nodes"), (.leave, ["nodes": ["n1"], "lost": 1], "/args/lost"),
                (.credentials, ["binding": ""], "/args/binding"), (.upgrade, ["phase": "all", "nodes": [], "to": "1"], "/args/phase"),
                (.migrate, ["from": 1], "/args/to"), (.configure, ["old": [:]], "/args/new"),
            ]
            for (verb, args, field) in bad {
                let problem = await #expect(throws: Problem.self) { try await fixture.call(verb, args: args) }
                #expect(problem?.is(.internal) == true && problem?.field == field, "\(verb): \(problem as Any)")
            }
        }
    }
}
