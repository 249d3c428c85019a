// SPDX-License-Identifier: Apache-2.0

import GuestTesting
import ImpresarioModel
import Testing

/// Plugins built with the SDKs, in the real guest host.
@Suite struct GuestTests {
    private static let kinds: [TypedParameter.Kind] = [
        .bool, .i32, .u32, .i64, .u64, .f64, .string, .json, .node, .duration, .bytes, .strings, .string,
    ]

    @Test("Every kind of parameter goes in and comes out", arguments: SDKFixture.Language.allCases)
    func kinds(_ language: SDKFixture.Language) async throws {
        try await SDKFixture.with(language) { fixture in
            let operation = try #require(fixture.operations.first)
            #expect(operation.parameters.filter { !$0.isOut }.map(\.kind) == Self.kinds)
            #expect(operation.parameters.filter(\.isOut).map(\.kind) == Self.kinds)
            #expect(operation.parameters.filter(\.isSecret).map(\.name) == ["secret", "secret2"])
            #expect(operation.parameters.filter(\.isOptional).map(\.name) == ["u32", "text", "texts", "text2"])
            let answer = try await fixture.operate(
                "all-kinds",
                [
                    "yes": true, "i32": -2_147_483_648, "u32": 4_294_967_295, "i64": -9_223_372_036_854_775_808,
                    "u64": "18446744073709551615", "f64": -0.25, "text": "grüß dich", "json": ["a": [1, nil, "b"]], "node": "n1",
                    "duration": "1h30m", "bytes": "AP/+", "texts": ["", "one", "zwei"], "secret": "s",
                ])
            #expect(
                answer == [
                    "yes2": true, "i32-2": -2_147_483_648, "u32-2": 4_294_967_295, "i64-2": -9_223_372_036_854_775_808,
                    "u64-2": "18446744073709551615", "f64-2": -0.25, "text2": "grüß dich", "json2": ["a": [1, nil, "b"]], "node2": "n1",
                    "duration2": "1h30m", "bytes2": "AP/+", "texts2": ["", "one", "zwei"], "secret2": "s",
                ])
            let least = try await fixture.operate(
                "all-kinds",
                [
                    "yes": false, "i32": 1, "i64": 2, "u64": 3, "f64": 4, "json": 5, "node": "n1", "duration": 90, "bytes": "",
                    "secret": "",
                ])
            #expect(least["u32-2"] == 7 && least["text2"] == .null && least["texts2"] == [])
        }
    }

    @Test("A failed operation tells the plugin's reason, with what it read in the document", arguments: SDKFixture.Language.allCases)
    func failure(_ language: SDKFixture.Language) async throws {
        try await SDKFixture.with(language) { fixture in
            let problem = await #expect(throws: Problem.self) { try await fixture.operate("fail") }
            #expect(
                problem?.code == "kinds.not-now" && problem?.message == "not for web" && problem?.field == "/x",
                "\(String(describing: problem))")
        }
    }

    @Test("Commands, key pairs and the document arrive as they should", arguments: SDKFixture.Language.allCases)
    func host(_ language: SDKFixture.Language) async throws {
        try await SDKFixture.with(language) { fixture in
            let services = FakeServices()
            let answer = try await fixture.call("answer", services: services)
            #expect(answer["first"] == "n1:hi;" && answer["second"] == 3 && answer["cert"] == "server" && answer["nodes"] == 0)
            #expect(answer["params"] == ["do": "answer"])
            if language == .cpp {
                #expect(answer["count"] == 1 && answer["text"] == "content of /etc/x")
                let again = try await fixture.call("answer", services: services)
                #expect(again["count"] == 2)
            }
            let problem = await #expect(throws: Problem.self) { try await fixture.call("expect") }
            #expect(
                problem?.code == "kinds.node-command" && problem?.message == "Node 'two' could not say hi.",
                "\(String(describing: problem))")
        }
    }

    @Test("A node that cannot be reached fails its own command, not those of the others")
    func unreachable() async throws {
        try await SDKFixture.with(.c) { fixture in
            let services = FakeServices(failure: Problem(.nodeUnreachable, "gone"))
            let answer = try await fixture.call("answer", services: services)
            #expect(answer["second"] == -11)
            // Once together, then each by itself.
            #expect(services.record.commands.map(\.node) == ["n1", "n2", "n1", "n2"])
        }
    }

    @Test("Nothing that is thrown leaves the library: each becomes a problem, and the process lives on")
    func barrier() async throws {
        try await SDKFixture.with(.cpp) { fixture in
            let expected = [
                ("problem", "invalid-parameters", "at least one"), ("runtime", "kinds.exception", "The plugin failed unexpectedly."),
                ("memory", "kinds.memory", "The plugin has no memory left."),
                ("number", "kinds.exception", "The plugin failed unexpectedly."),
            ]
            for (what, code, message) in expected {
                let problem = await #expect(throws: Problem.self) { try await fixture.call(what) }
                #expect(problem?.code == code && problem?.message == message, "\(what): \(String(describing: problem))")
            }
            // A host function that fails is told with the host's own reason.
            let problem = await #expect(throws: Problem.self) { try await fixture.call("host") }
            #expect(problem?.code != "kinds.exception" && problem?.code != "plugin-crashed", "\(String(describing: problem))")
            let next = try await fixture.call("answer")
            #expect(next["second"] == 3)
        }
    }
}
