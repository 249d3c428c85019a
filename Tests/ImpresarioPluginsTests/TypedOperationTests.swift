// SPDX-License-Identifier: Apache-2.0

import Foundation
import GuestTesting
import ImpresarioModel
import ImpresarioPlugins
import Testing

@Suite struct TypedOperationTests {
    private static let ins: [(String, TypedParameter.Kind)] = [
        ("yes", .bool), ("i32", .i32), ("u32", .u32), ("i64", .i64), ("u64", .u64), ("f64", .f64), ("text", .string), ("json", .json),
        ("node", .node), ("duration", .duration), ("bytes", .bytes), ("texts", .strings),
    ]

    static func manifest(_ fixture: GuestFixture) async throws -> [TypedOperation] {
        try await fixture.pool.inspect(library: fixture.folder.appending(path: "probe.so").path).manifest.types[0].operations
    }

    @Test func everyKindGoesInAndComesOut() async throws {
        try await GuestFixture.with { fixture in
            let operation = try await Self.manifest(fixture)[0]
            #expect(operation.parameters.filter { !$0.isOut }.map(\.kind) == Self.ins.map(\.1))
            let answer = try await fixture.operate(
                operation,
                [
                    "yes": true, "i32": -2_147_483_648, "u32": 4_294_967_295, "i64": -9_223_372_036_854_775_808,
                    "u64": "18446744073709551615", "f64": -0.25, "text": "grüß dich", "json": ["a": [1, nil, "b"]], "node": "n1",
                    "duration": "1h30m", "bytes": "AP/+", "texts": ["", "one", "zwei"],
                ])
            #expect(
                answer == [
                    "yes2": true, "i32-2": -2_147_483_648, "u32-2": 4_294_967_295, "i64-2": -9_223_372_036_854_775_808,
                    "u64-2": "18446744073709551615", "f64-2": -0.25, "text2": "grüß dich", "json2": ["a": [1, nil, "b"]], "node2": "n1",
                    "duration2": "1h30m", "bytes2": "AP/+", "texts2": ["", "one", "zwei"],
                ])
        }
    }

    @Test func whatIsLeftOutIsItsDefaultOrNull() async throws {
        try await GuestFixture.with { fixture in
            let operation = try await Self.manifest(fixture)[0]
            let answer = try await fixture.operate(
                operation,
                ["yes": false, "i32": 1, "i64": 2, "u64": 3, "f64": 4, "json": 5, "node": "n1", "duration": 90, "bytes": ""])
            #expect(answer["u32-2"] == 7)
            #expect(answer["text2"] == .null)
            #expect(answer["texts2"] == [])
            #expect(answer["duration2"] == "1m30s")
            #expect(answer["bytes2"] == "")
        }
    }

    @Test func everyWrongArgumentIsNamedWithItsPointer() async throws {
        try await GuestFixture.with { fixture in
            let operation = try await Self.manifest(fixture)[0]
            let problem = await #expect(throws: Problem.self) {
                try await fixture.operate(
                    operation,
                    [
                        "yes": "yes", "i32": 2_147_483_648, "i64": 1.5, "u64": -1, "f64": "x", "text": "a\0b", "json": 1, "node": 3,
                        "duration": "3 days", "bytes": "?", "texts": ["a", 1], "a/b~c": 1,
                    ])
            }
            #expect(problem?.code == "invalid-parameters")
            #expect(
                problem?.errors?.compactMap(\.field)
                    == ["/a~1b~0c", "/yes", "/i32", "/i64", "/u64", "/f64", "/text", "/node", "/duration", "/bytes", "/texts"])
            let missing = await #expect(throws: Problem.self) { try await fixture.operate(operation, [:]) }
            #expect(missing?.errors?.count == 9)
        }
    }

    @Test func anOperationSeesTheDocumentThroughItsContext() async throws {
        try await GuestFixture.with { fixture in
            let answer = try await fixture.operate(try await Self.manifest(fixture)[1], [:])
            #expect(answer["seen"]?["cluster"]?["name"] == "web")
        }
    }

    @Test func aFailedOperationTellsThePluginsReason() async throws {
        try await GuestFixture.with { fixture in
            let operation = try await Self.manifest(fixture)[2]
            let problem = await #expect(throws: Problem.self) { try await fixture.operate(operation, [:]) }
            #expect(problem?.code == "probe.not-now")
            #expect(problem?.message == "not now")
        }
    }

    @Test func aDeclarationThatTheLibraryDoesNotHaveEndsTheGuestNotTheBroker() async throws {
        try await GuestFixture.with { fixture in
            var operation = try await Self.manifest(fixture)[0]
            operation.parameters[1].kind = .i64
            let problem = await #expect(throws: Problem.self) {
                try await fixture.operate(
                    operation,
                    ["yes": false, "i32": 1, "i64": 2, "u64": 3, "f64": 4, "json": 5, "node": "n1", "duration": 90, "bytes": ""])
            }
            #expect(problem?.code == "plugin-crashed")
            let next = try await fixture.call(do: "nothing")
            #expect(next == [:])
        }
    }
}
