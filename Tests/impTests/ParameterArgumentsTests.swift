// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import ImpresarioModel
import ServerFixture
import Testing

@testable import imp

@Suite("Words of a command line")
struct ParameterArgumentsTests {
    private let parameters = SchemaParameters.read(FakeToyPlugin.schema)

    private func read(_ words: [String]) throws(Problem) -> (positionals: [String], document: JSONValue) {
        let arguments = try ParameterArguments.read(words, parameters: parameters, own: ClusterCreate.ownFlags) { path in
            guard path == "settings.json" else { throw CocoaError(.fileNoSuchFile) }
            return Data(#"{"deep": [1, 2]}"#.utf8)
        }
        var document = ParameterDocument()
        for setting in arguments.settings { document.set(setting.path, setting.value) }
        return (arguments.positionals, document.value)
    }

    @Test(
        "become the document that the schema describes",
        arguments: [
            (["web"], [:]), (["web", "--nodes", "3"], ["nodes": 3]), (["--nodes=3", "web"], ["nodes": 3]),
            (["--nodes", "3", "web"], ["nodes": 3]),
            (["web", "--tls"], ["tls": true]), (["--no-tls", "web"], ["tls": false]), (["--tls", "web"], ["tls": true]),
            (["--tls=false", "web"], ["tls": false]), (["web", "--ratio", "0.5"], ["ratio": 0.5]),
            (["web", "--ratio", "-1"], ["ratio": -1]),
            (["web", "--mirror-hosts", "a", "--mirror-hosts=b"], ["mirrorHosts": ["a", "b"]]),
            (["web", "--mirrorHosts", "a"], ["mirrorHosts": ["a"]]),
            (["web", "--pool.base", "10.0.0.0", "--pool.size", "8"], ["pool": ["base": "10.0.0.0", "size": 8]]),
            (["web", "--extra", #"{"a": {"b": 1}}"#], ["extra": ["a": ["b": 1]]]),
            (["web", "--extra", "@settings.json"], ["extra": ["deep": [1, 2]]]),
            (["web", "--flavor", ""], ["flavor": ""]), (["web", "--flavor", "3"], ["flavor": "3"]),
            (["web", "--flavor", "a=b"], ["flavor": "a=b"]),
            (["--nodes", "1", "--", "web"], ["nodes": 1]),
        ] as [([String], JSONValue)])
    func values(_ words: [String], _ document: JSONValue) throws {
        let read = try read(words)
        #expect(read.positionals == ["web"])
        #expect(read.document == document)
    }

    @Test(
        "that are wrong are refused with the flag and the nearest that exists",
        arguments: [
            (["web", "--node", "3"], "There is no flag '--node'.", "Did you mean --nodes?"),
            (["web", "--wiat"], "There is no flag '--wiat'.", "Did you mean --wait?"),
            (["web", "--zebra", "x"], "There is no flag '--zebra'.", "See --help."),
            (["web", "--nodes", "three"], "--nodes expects a whole number, not 'three'.", nil),
            (["web", "--nodes", "1.5"], "--nodes expects a whole number, not '1.5'.", nil),
            (["web", "--nodes", "99999999999999999999"], "--nodes expects a whole number, not '99999999999999999999'.", nil),
            (["web", "--tls=maybe"], "--tls expects true or false, not 'maybe'.", nil),
            (["web", "--ratio", "nan"], "--ratio expects a number, not 'nan'.", nil),
            (["web", "--nodes"], "--nodes needs a value: --nodes <integer>.", nil),
            (["web", "--nodes", "--tls"], "--nodes needs a value: --nodes <integer>.", nil),
            (["web", "--nodes", "1", "--nodes", "2"], "--nodes is given twice.", nil),
            (["web", "--extra", "{"], "--extra expects a JSON document, not '{'.", nil),
            (["web", "--extra", "@missing"], "The file of --extra cannot be read: missing", nil),
            (["web", "--no-nodes"], "There is no flag '--no-nodes'.", "See --help."),
            (["web", "-x"], "There is no flag '-x'.", "See --help."),
        ] as [([String], String, String?)])
    func refusals(_ words: [String], _ message: String, _ remedy: String?) {
        let problem = #expect(throws: Problem.self) { try read(words) }
        #expect(problem?.is(.invalidUsage) == true)
        #expect(problem?.message == message)
        #expect(problem?.remedy == remedy)
    }

    @Test("that are wrong are all told at once")
    func several() {
        let problem = #expect(throws: Problem.self) { try read(["web", "--nodes", "x", "--ndoes", "3", "--tls=2"]) }
        #expect(problem?.errors?.map(\.field) == ["--nodes", "--ndoes", "--tls"])
    }

    @Test("of secrets are read from a file and never quoted back")
    func secrets() throws {
        let password = Parameter(flag: "password", path: ["password"], kind: .string, summary: "", isSecret: true)
        #expect(try password.value(from: "@p") { _ in Data("hush\n".utf8) } == "hush")
        let pin = Parameter(flag: "pin", path: ["pin"], kind: .integer, summary: "", isSecret: true)
        let problem = #expect(throws: Problem.self) { try pin.value(from: "hush") { _ in Data() } }
        #expect(problem?.message.contains("hush") == false)
    }
}

@Suite("A schema's parameters")
struct SchemaParametersTests {
    @Test("are found through references, unions and nesting, required ones first")
    func reading() {
        let schema: JSONValue = [
            "$defs": ["size": ["type": "integer", "minimum": 3]], "required": ["zulu"],
            "properties": [
                "size": ["$ref": "#/$defs/size"], "maybe": ["type": ["null", "boolean"]], "any": [:], "zulu": ["type": "string"],
                "kind": ["enum": ["a", "b"]], "matrix": ["type": "array", "items": ["type": "array", "items": ["type": "integer"]]],
                "outer": ["type": "object", "required": ["inner"], "properties": ["inner": ["type": "string"]]], "self": ["$ref": "#"],
            ],
        ]
        let parameters = SchemaParameters.read(schema)
        let kinds = Dictionary(uniqueKeysWithValues: parameters.filter { !$0.flag.hasPrefix("self") }.map { ($0.flag, $0.kind) })
        #expect(
            kinds == [
                "zulu": .string, "size": .integer, "maybe": .boolean, "any": .document, "kind": .string, "matrix": .list(.document),
                "outer.inner": .string,
            ])
        #expect(parameters.first?.flag == "zulu")
        #expect(parameters.first { $0.flag == "size" }?.bounds == "at least 3")
        // A schema that refers to itself comes to an end.
        #expect(parameters.allSatisfy { $0.path.count <= 4 })
        #expect(parameters.filter(\.isRequired).map(\.flag) == ["zulu"])
    }

    @Test(
        "have flags in one style",
        arguments: [("addressPool", "address-pool"), ("address_pool", "address-pool"), ("TLS", "t-l-s"), ("a.b", "a.b")])
    func flags(_ name: String, _ flag: String) { #expect(Parameter.flag(for: [name]) == flag) }

    @Test("of an operation come from its declaration")
    func operations() throws {
        #expect(FakeToyPlugin.rotate.flags.map(\.flag) == ["role", "after", "bits"])
        #expect(FakeToyPlugin.rotate.flags.map(\.isRequired) == [true, false, false])
        let arguments = try ClusterDo.arguments(["--role", "a", "--after", "90s"], of: FakeToyPlugin.rotate)
        #expect(arguments == ["role": "a", "after": "90s"])
        let missing = #expect(throws: Problem.self) { try ClusterDo.arguments([], of: FakeToyPlugin.rotate) }
        #expect(missing?.message == "--role is needed.")
        #expect(throws: Problem.self) { try ClusterDo.arguments(["--role", "a", "stray"], of: FakeToyPlugin.rotate) }
    }

    /// An operation with an argument of every kind.
    private static let operation = TypedOperation(
        id: "all", summary: "", since: nil, deprecated: nil, isReadOnly: true, isIdempotent: true, isDestructive: false, isLong: false,
        parameters: TypedParameter.Kind.allCases.map { kind in
            TypedParameter(
                name: kind.rawValue, summary: "", kind: kind, isOut: false, isOptional: true, isSecret: false, defaultValue: nil,
                schema: nil)
        })

    @Test(
        "of an operation become the argument that its declaration says, of every kind",
        arguments: [
            (["--bool"], ["bool": true]), (["--no-bool"], ["bool": false]), (["--i32", "-3"], ["i32": -3]), (["--u32", "7"], ["u32": 7]),
            (["--i64", "-9223372036854775808"], ["i64": -9_223_372_036_854_775_808]), (["--u64", "8"], ["u64": 8]),
            (["--u64", "18446744073709551615"], ["u64": "18446744073709551615"]), (["--f64", "0.5"], ["f64": 0.5]),
            (["--string", "3"], ["string": "3"]), (["--json", "[1, null]"], ["json": [1, nil]]),
            (["--json", "@settings.json"], ["json": ["deep": [1, 2]]]), (["--node", "web-worker-0"], ["node": "web-worker-0"]),
            (["--duration", "1h30m"], ["duration": "1h30m"]), (["--duration", "250ms"], ["duration": "250ms"]),
            (["--bytes", "hi"], ["bytes": "aGk="]), (["--bytes", "@settings.json"], ["bytes": "eyJkZWVwIjogWzEsIDJdfQ=="]),
            (["--strings", "a", "--strings", "b"], ["strings": ["a", "b"]]),
        ] as [([String], JSONValue)])
    func everyKind(_ words: [String], _ expected: JSONValue) throws {
        let read = try ParameterArguments.read(words, parameters: Self.operation.flags, own: []) { _ in Data(#"{"deep": [1, 2]}"#.utf8) }
        let given = JSONValue.object(Dictionary(uniqueKeysWithValues: read.settings.map { ($0.path[0], $0.value) }))
        #expect(given == expected)
        #expect(try JSONSchema(Self.operation.argumentsSchema).validate(given).isEmpty)
    }

    @Test(
        "of an operation that are of another kind are refused",
        arguments: [
            (["--u64", "-1"], "--u64 expects a whole number from 0 on, not '-1'."),
            (["--duration", "5"], "--duration expects a duration such as 500ms, 90s, 30m or 1h30m, not '5'."),
            (["--duration", "1d"], "--duration expects a duration such as 500ms, 90s, 30m or 1h30m, not '1d'."),
            (["--node", ""], "--node expects a node's name or id, not ''."),
            (["--json", "{"], "--json expects a JSON document, not '{'."),
        ] as [([String], String)])
    func wrongKinds(_ words: [String], _ message: String) {
        let problem = #expect(throws: Problem.self) {
            try ParameterArguments.read(words, parameters: Self.operation.flags, own: []) { _ in Data() }
        }
        #expect(problem?.message == message)
    }
}

@Suite("A document of parameters")
struct ParameterDocumentTests {
    private let parameters = SchemaParameters.read(FakeToyPlugin.schema)

    private func assign(_ texts: String...) throws(Problem) -> JSONValue {
        var document = ParameterDocument()
        for text in texts { try document.assign(text, parameters: parameters) { _ in Data() } }
        return document.value
    }

    @Test("takes assignments by the parameter's kind, of unknown keys as JSON or text")
    func assignments() throws {
        #expect(try assign("nodes=3", "flavor=3") == ["nodes": 3, "flavor": "3"])
        #expect(try assign("pool.base=10.0.0.0", "pool.size=8") == ["pool": ["base": "10.0.0.0", "size": 8]])
        #expect(try assign("mirrorHosts=a") == ["mirrorHosts": ["a"]])
        #expect(try assign(#"mirror-hosts=["a","b"]"#) == ["mirrorHosts": ["a", "b"]])
        #expect(try assign("new.key=3", "new.word=abc", "new.empty=") == ["new": ["key": 3, "word": "abc", "empty": ""]])
        #expect(try assign("nodes=1", "nodes=2") == ["nodes": 2])
    }

    @Test("refuses what is no assignment", arguments: ["nodes", "=3", "a..b=3", ".a=1", "nodes=x"])
    func refusals(_ text: String) { #expect(throws: Problem.self) { try assign(text) } }

    @Test("lets flags win over assignments, and assignments over files, member by member")
    func precedence() async throws {
        try await CommandFixture.with { fixture in
            let file = fixture.folder + "/p.yaml"
            try Data("nodes: 1\nmode: safe\npool: {base: a, size: 1}\n".utf8).write(to: URL(filePath: file))
            let create = try #require(
                try Imp.parseAsRoot(
                    ["cluster", "create", "web", "--type", "toy", "-f", file, "--set", "pool.size=2", "--set", "nodes=2", "--nodes", "3"])
                    as? ClusterCreate)
            let cluster = try create.request(type: "toy", parameters: parameters)
            #expect(cluster.name == "web")
            #expect(cluster.parameters == ["nodes": 3, "mode": "safe", "pool": ["base": "a", "size": 2]])
        }
    }
}

@Suite("The nearest name")
struct NearestTests {
    @Test(
        "is one that a slip of the fingers explains",
        arguments: [("worker", "workers"), ("wrokers", "workers"), ("manager", "managers"), ("xyz", nil), ("work", "workers"), ("", nil)]
            as [(String, String?)])
    func slips(_ text: String, _ expected: String?) { #expect(Nearest.find(text, among: ["workers", "managers", "flavor"]) == expected) }
}
