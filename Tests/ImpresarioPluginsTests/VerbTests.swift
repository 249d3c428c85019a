// SPDX-License-Identifier: Apache-2.0

import Foundation
import GuestTesting
import ImpresarioModel
import ImpresarioPlugins
import Testing

@Suite struct VerbTests {
    @Test func aVerbGetsItsDocumentAndItsAnswerComesBack() async throws {
        try await GuestFixture.with { fixture in
            let answer = try await fixture.call(.plan, do: "echo")
            #expect(answer["cluster"]?["params"]?["do"] == "echo")
            #expect(answer["operation"]?["attempt"] == 1)
            #expect(try await fixture.call(.validate, do: "nothing") == .object([:]))
        }
    }

    @Test func aVerbThatTheTypeLacksIsUnimplemented() async throws {
        try await GuestFixture.with { fixture in
            let problem = await #expect(throws: Problem.self) { try await fixture.call(.upgrade) }
            #expect(problem?.code == "probe.host.no-such-verb")
        }
    }

    @Test func documentsOfManyFramesPassBothWays() async throws {
        try await GuestFixture.with { fixture in
            let word = String(repeating: "x", count: 900_000)
            let answer = try await fixture.call(.plan, do: word)
            #expect(answer["cluster"]?["params"]?["do"]?.string == word)
            #expect(try await fixture.call(do: "big")["big"]?.string?.count == 3_000_000)
        }
    }

    @Test func whatAPluginFailsWithIsTold() async throws {
        try await GuestFixture.with { fixture in
            let invalid = await #expect(throws: Problem.self) { try await fixture.call(.validate, do: "invalid") }
            #expect(invalid?.code == "invalid-parameters" && invalid?.field == "/managers" && invalid?.message == "at least one manager")
            #expect(invalid?.facts?["code"] == "probe.too-few" && invalid?.detail == "for the log")
            let own = await #expect(throws: Problem.self) { try await fixture.call(do: "own") }
            #expect(own?.code == "probe.own" && own?.owner == .plugin)
            let busy = await #expect(throws: Problem.self) { try await fixture.call(do: "busy") }
            #expect(busy?.code == "plugin-failed" && busy?.isRetryable == true)
            let garbage = await #expect(throws: Problem.self) { try await fixture.call(do: "garbage-json") }
            #expect(garbage?.code == "plugin-failed")
            let huge = await #expect(throws: Problem.self) { try await fixture.call(do: "huge") }
            #expect(huge?.code == "probe.host.sink-full")
        }
    }

    @Test func aPluginThatIsNotRegisteredCannotBeCalled() async throws {
        try await GuestFixture.with { fixture in
            var other = fixture.pin
            other.version = "9"
            let problem = await #expect(throws: Problem.self) {
                try await fixture.pool.call(
                    PluginCall(
                        plugin: other, type: "probe", target: .verb(.plan), context: GuestFixture.context([:]), tenant: ID("t"),
                        timeout: .seconds(1)), services: FakeServices())
            }
            #expect(problem?.code == "plugin-unavailable")
        }
    }

    @Test func aFloodOfLinesIsCutAndTheLastProgressIsKept() async throws {
        try await GuestFixture.with { fixture in
            let services = FakeServices()
            let answer = try await fixture.call(do: "flood", services: services)
            #expect(answer["done"] == true)
            let record = services.record
            #expect(record.logs.count < 1000)
            #expect(record.logs.contains { $0.contains("lines are dropped") })
            #expect(record.progress.count < 1000 && record.progress.last == 9999)
        }
    }

    @Test func manyTenantsAndCallsAtOnceGetTheirOwnAnswers() async throws {
        var options = GuestOptions()
        options.guestsPerTenant = 2
        options.guests = 5
        try await GuestFixture.with(options: options) { fixture in
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for tenant in 0..<4 {
                    for attempt in 0..<10 {
                        group.addTask {
                            let answer = try await fixture.call(do: "t\(tenant)-\(attempt)", tenant: "t\(tenant)", attempt: attempt)
                            return answer["cluster"]?["params"]?["do"]?.string == "t\(tenant)-\(attempt)"
                        }
                    }
                }
                for try await isRight in group { #expect(isRight) }
            }
        }
    }
}
