// SPDX-License-Identifier: Apache-2.0

import Foundation
import GuestTesting
import ImpresarioInfrastructure
import ImpresarioModel
import ImpresarioPlugins
import Testing

/// Libraries of earlier headers, never built again: what breaks them breaks plugins of others.
@Suite(.enabled(if: isX8664, "the fixtures are built for x86_64")) struct CompiledFixtureTests {
    private static func with<Result>(_ name: String, _ body: (GuestFixture) async throws -> Result) async throws -> Result {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/v0.0/\(name).so")
        return try await GuestFixture.with(library: name, checksDocuments: true, prebuilt: file, body)
    }

    @Test func aPluginInCDescribesItselfAsThen() async throws {
        try await Self.with("plain") { fixture in
            let manifest = try await fixture.pool.inspect(library: fixture.library).manifest
            #expect(manifest.id == "plain" && manifest.version == "0.9.0" && manifest.stateFormat == 4)
            #expect(manifest.url == "https://example.org/plain" && manifest.packages == ["hello"])
            let type = try #require(manifest.types.first)
            #expect(type.name == "Old" && type.description == "*Old.*" && type.capabilities == ["resize"])
            #expect(type.verbs == PluginVerb.allCases.map(\.rawValue))
            #expect(type.updateSchema?["properties"]?["size"] != nil && type.bindingSchema == ["type": "object"])
        }
    }

    @Test func everyVerbAndHostFunctionOfAPluginInCWorks() async throws {
        try await Self.with("plain") { fixture in
            #expect(try await fixture.call(.validate)["params"] == ["size": 3])
            #expect(try await fixture.call(.plan)["groups"]?.array?.first?["packages"] == ["hello"])
            let services = FakeServices()
            let bootstrapped = try await fixture.call(.bootstrap, services: services)
            #expect(bootstrapped["joined"] == ["n1"] && bootstrapped["failures"] == 0, "\(bootstrapped)")
            let record = services.record
            #expect(record.commands.first?.command.arguments == ["echo", "old"] && record.commands.first?.command.user == "nobody")
            #expect(record.files.first?.file.path == "/etc/old" && record.files.first?.file.mode == 0o640)
            #expect(record.services.first?.name == "old" && record.progress == [5000] && record.events == ["old-event"])
            #expect(record.logs.contains("old line"))
            #expect(try await fixture.call(.join, args: ["nodes": ["n1"]])["joined"] == ["n1"])
            #expect(try await fixture.call(.health)["nodes"]?.array?.first?["removal_cost"] == 2)
            #expect(try await fixture.call(.credentials, args: ["binding": "b1"])["files"] == ["key": "k"])
            let calls: [(PluginVerb, JSONValue)] = [
                (.leave, ["nodes": ["n1"]]), (.revoke, ["binding": "b1"]), (.upgrade, ["phase": "prepare", "nodes": [], "to": "2"]),
                (.migrate, ["from": 3, "to": 4]), (.destroy, [:]),
            ]
            for (verb, args) in calls { #expect(try await fixture.call(verb, args: args) == [:]) }
            let problem = await #expect(throws: Problem.self) { try await fixture.call(.configure, args: ["old": [:], "new": [:]]) }
            #expect(problem?.code == "plain.old-problem" && problem?.field == "/size" && problem?.message == "an old plugin says no")
            #expect(problem?.detail == "for the log" && problem?.owner == .tenant && problem?.isRetryable == true)
        }
    }

    @Test func aPluginInCPlusPlusWorks() async throws {
        try await Self.with("classes") { fixture in
            let validated = try await fixture.call(.validate)
            #expect(validated["params"]?["language"] == "C++")
            #expect(try await fixture.call(.health)["health"] == "healthy")
            let problem = await #expect(throws: Problem.self) { try await fixture.call(.destroy) }
            #expect(problem?.code == "classes.exception" && problem?.message == "thrown and caught")
        }
    }

    @Test func typedOperationsOfEveryTypeWork() async throws {
        try await Self.with("kinds") { fixture in
            let operations = try await fixture.pool.inspect(library: fixture.library).manifest.types[0].operations
            let echo = operations[0]
            #expect(echo.isReadOnly && echo.isIdempotent && echo.since == "0.1.0" && echo.deprecated == "Nothing replaces it.")
            #expect(operations[1].isDestructive && operations[1].isLong && operations[1].parameters[0].isSecret)
            let defaults: [String: JSONValue] = [
                "bool-out": true, "i32-out": -1, "u32-out": 1, "i64-out": -2, "u64-out": "18446744073709551615", "f64-out": 0.5,
                "string-out": nil, "json-out": nil, "node-out": nil, "duration-out": "1m", "bytes-out": nil, "strings-out": nil,
            ]
            #expect(try await fixture.operate(echo, [:]) == .object(defaults))
            for seed in 0..<40 as Range<UInt64> {
                var generator = SplitMix(seed: seed)
                let given = RandomArguments.draw(of: echo, with: &generator)
                let answer = try await fixture.operate(echo, given).object ?? [:]
                for (name, value) in given {
                    let isTold = answer["\(name)-out"] == RandomArguments.normalised(value, of: name)
                    #expect(isTold, "seed \(seed), \(name): \(value) became \(answer["\(name)-out"] ?? "nothing")")
                }
                #expect(try JSONSchema(echo.argumentsSchema).validate(.object(given)).isEmpty, "seed \(seed)")
                #expect(try JSONSchema(echo.resultsSchema).validate(.object(answer)).isEmpty, "seed \(seed)")
            }
        }
    }

    @Test func argumentsAndResultsThatBreakTheirOwnSchemasAreRefused() async throws {
        try await Self.with("kinds") { fixture in
            let operation = try await fixture.pool.inspect(library: fixture.library).manifest.types[0].operations[1]
            #expect(try await fixture.operate(operation, ["secret": "hush"]) == ["length": 4])
            let short = await #expect(throws: Problem.self) { try await fixture.operate(operation, ["secret": "hus"]) }
            #expect(short?.code == "invalid-parameters" && short?.field == "/secret")
            let long = await #expect(throws: Problem.self) { try await fixture.operate(operation, ["secret": "hush-hush"]) }
            #expect(long?.code == "plugin-failed" && long?.field == "/length" && long?.owner == .plugin)
            #expect(long?.message.contains("'kinds'") == true && long?.message.contains("at most 8") == true, "\(long?.message ?? "")")
        }
    }
}

private let isX8664: Bool = {
    #if arch(x86_64)
        true
    #else
        false
    #endif
}()
