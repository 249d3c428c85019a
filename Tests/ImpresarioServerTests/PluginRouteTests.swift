// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioClient
import ImpresarioModel
import ServerFixture
import Testing

@Suite("The server's plugin routes")
struct PluginRouteTests {
    private static let octets = ["Content-Type": "application/octet-stream"]

    @Test("take a library in with 201, the same again with 200, and refuse the rest with a reason")
    func install() async throws {
        try await ServerFixture.with { fixture in
            let made = try await fixture.ask("POST", "/v1/plugins", "version 2.0.0", headers: Self.octets)
            #expect(made.status == 201 && made["Location"] == "/v1/plugins/toy" && made.json["state"] == "installed", "\(made.json)")
            let again = try await fixture.ask("POST", "/v1/plugins", "version 2.0.0", headers: Self.octets)
            #expect(again.status == 200 && again.json == made.json)
            for (body, headers, token, status, code) in [
                ("broken", Self.octets, fixture.adminToken, 502, "plugin-invalid"),
                ("", Self.octets, fixture.adminToken, 400, "invalid-body"),
                ("version 1.2.3", Self.octets, fixture.adminToken, 409, "already-exists"),
                ("version 3.0.0", Self.octets, fixture.memberToken, 403, "denied"),
                ("version 3.0.0", ["Content-Type": "application/json"], fixture.adminToken, 415, "unsupported-media-type"),
            ] {
                let answer = try await fixture.ask("POST", "/v1/plugins", body, token: token, headers: headers)
                #expect(answer.status == status && answer.code == code, "\(body) \(answer.json)")
            }
            let shown = try await fixture.ask("GET", "/v1/plugins/toy")
            #expect(shown.json["versions"]?.array?.map { $0["pin"]?["version"] } == ["2.0.0", "1.2.3"])
            #expect(try await fixture.ask("GET", "/v1/plugins/nope").status == 404)
            #expect(try await fixture.ask("PUT", "/v1/plugins/toy", #"{"state": "disabled"}"#).status == 405)
        }
    }

    @Test("take what is larger than any other body, piece by piece, up to a bound of their own")
    func large() async throws {
        try await ServerFixture.with { fixture in
            let file = NSTemporaryDirectory() + "impresario-upload-" + UUID().uuidString
            defer { try? FileManager.default.removeItem(atPath: file) }
            try Data("version 7.0.0".utf8).write(to: URL(fileURLWithPath: file))
            // Sparse: a hole of zeros after the text, which the fake runtime reads as part of the version.
            #expect(truncate(file, 20 << 20) == 0)
            let plugin = try await fixture.client(fixture.adminToken) { try await $0.installPlugin(file: file) }
            #expect(plugin.pin.version.hasPrefix("7.0.0"))
            #expect(truncate(file, (128 << 20) + 1) == 0)
            do {
                _ = try await fixture.client(fixture.adminToken) { try await $0.installPlugin(file: file) }
                Issue.record("taken")
            } catch let problem as Problem { #expect(problem.is(.bodyTooLarge), "\(problem)") }
        }
    }

    @Test("lead a version through its life")
    func life() async throws {
        try await ServerFixture.with { fixture in
            func ask(_ verb: String, _ body: String? = nil) async throws -> RawAnswer {
                try await fixture.ask("POST", "/v1/plugins/toy/" + verb, body)
            }
            _ = try await fixture.ask("POST", "/v1/plugins", "version 2.0.0", headers: Self.octets)
            let dry = try await ask("upgrade", #"{"dryRun": true}"#)
            #expect(dry.status == 200 && dry.json["enabled"] == false && dry.json["to"]?["version"] == "2.0.0", "\(dry.json)")
            #expect(try await ask("upgrade").json["enabled"] == true)
            #expect(try await ask("enable", #"{"version": "1.2.3"}"#).code == "conflict")
            #expect(try await ask("move", #"{"all": true}"#).status == 202)
            #expect(try await ask("move", "{}").code == "invalid-body")
            #expect(try await ask("rollback", #"{"all": true}"#).json["moves"]?.array == [])
            #expect(try await ask("disable").json["state"] == "disabled")
            #expect(try await ask("enable").json["state"] == "enabled")
            #expect(try await ask("quarantine", "{}").code == "invalid-body")
            #expect(try await ask("quarantine", #"{"version": "1.2.3", "reason": "old"}"#).json["quarantine"]?["reason"] == "old")
            #expect(try await ask("lift").json["state"] == "disabled")
            #expect(try await ask("uninstall").json["pin"]?["version"] == "1.2.3")
            #expect(try await ask("uninstall", #"{"nope": 1}"#).json["field"] == "/nope")
            #expect(try await ask("uninstall").code == "in-use")
            let denied = try await fixture.ask("POST", "/v1/plugins/toy/disable", token: fixture.memberToken)
            #expect(denied.status == 403)
            let described = try await fixture.ask("GET", "/openapi.json").json["paths"]?["/v1/plugins"]?["post"]
            #expect(described?["requestBody"]?["content"]?["application/octet-stream"] != nil)
        }
    }
}
