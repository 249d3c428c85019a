// SPDX-License-Identifier: Apache-2.0

import Foundation
import GuestTesting
import ImpresarioInfrastructure
import ImpresarioModel
import ImpresarioPlugins
import Testing

@Suite struct HostCallTests {
    private static let reads = ["node_exec", "node_get", "state_get", "secret_get"]
    private static let writes = [
        "node_put", "node_put_artifact", "node_service", "state_put", "secret_put", "key_pair", "cert_issue", "revocation_list",
    ]

    @Test func aWritingVerbMayCallEverything() async throws {
        try await GuestFixture.with { fixture in
            let services = FakeServices()
            let answer = try await fixture.call(.bootstrap, do: "every", services: services)
            for name in Self.reads + Self.writes where name != "node_put_artifact" { #expect(answer[name] == 0, "\(name)") }
            #expect(answer["node_put_artifact"] == 12)
            let record = services.record
            #expect(record.files.first?.file.path == "/etc/x" && record.files.first?.file.mode == 0o600)
            #expect(record.files.first?.file.content == Data("hello".utf8))
            #expect(record.services.first?.name == "d" && record.services.first?.argv == ["d"])
            #expect(record.progress == [5000] && record.events == ["something"] && record.logs.last == "a line")
        }
    }

    @Test func aReadingVerbMayOnlyRead() async throws {
        try await GuestFixture.with { fixture in
            let services = FakeServices()
            let answer = try await fixture.call(.health, do: "every", services: services)
            #expect(answer["node_exec"] == 0 && answer["node_get"] == 0)
            #expect(answer["state_get"] == 2 && answer["secret_get"] == 2)
            for name in Self.writes { #expect(answer[name] == 6, "\(name)") }
            #expect(services.record.files.isEmpty && services.record.services.isEmpty)
            #expect(services.record.progress == [5000])
        }
    }

    @Test(arguments: [PluginVerb.validate, .plan])
    func aPureVerbMayOnlyLog(verb: PluginVerb) async throws {
        try await GuestFixture.with { fixture in
            let services = FakeServices()
            let answer = try await fixture.call(verb, do: "every", services: services)
            for name in Self.reads + Self.writes { #expect(answer[name] == 6, "\(name)") }
            let record = services.record
            #expect(record.commands.isEmpty && record.progress.isEmpty && record.events.isEmpty && record.logs.last == "a line")
            // Each attempt is named to whoever reads the log.
            for function in ["node_exec", "node_put", "node_service", "state_get", "secret_put", "key_pair", "progress", "event"] {
                #expect(record.logs.contains("The plugin called \(function), which a [pure] verb may not."))
            }
        }
    }

    @Test func commandsGoOutAtOnceAndTheirOutcomesComeBackInOrder() async throws {
        try await GuestFixture.with { fixture in
            let services = FakeServices()
            let answer = try await fixture.call(do: "exec", services: services)
            #expect(answer["codes"] == [0, 3] && answer["results"] == [0, 2] && answer["text"] == "n1:hi;n2:hi;")
            let commands = services.record.commands
            #expect(commands.map(\.node) == ["n1", "n2"])
            #expect(commands[0].command.environment == ["A": "b=c"] && commands[0].command.input == Data("in".utf8))
            #expect(commands[0].command.timeout == .seconds(60) && commands[1].command.timeout == .milliseconds(5))
        }
    }

    @Test func aFailedHostCallThatIsHandedOnIsToldInTheBrokersWords() async throws {
        try await GuestFixture.with { fixture in
            let failure = Problem(.nodeUnreachable, "The node n1 does not answer.", detail: "a secret path", remedy: "Wait.")
            let problem = await #expect(throws: Problem.self) {
                try await fixture.call(do: "exec", services: FakeServices(failure: failure))
            }
            #expect(problem == failure)
        }
    }
}
