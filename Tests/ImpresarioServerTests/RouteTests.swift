// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioModel
import ServerFixture
import Testing

@Suite("The server")
struct RouteTests {
    private static let clusters = "/v1/tenants/acme/projects/shop/clusters"

    @Test("answers records with a tag that guards changes")
    func tags() async throws {
        try await ServerFixture.with { fixture in
            let tenant = try await fixture.ask("GET", "/v1/tenants/evil")
            let tag = try #require(tenant["ETag"])
            #expect(tag.hasPrefix("\"") && tag.hasSuffix("\""))
            let deleted = try await fixture.ask("DELETE", "/v1/tenants/evil", headers: ["If-Match": tag])
            #expect(deleted.status == 204 && deleted.body.isEmpty)
            #expect(try await fixture.ask("DELETE", "/v1/tenants/evil").status == 404)
        }
    }

    @Test("answers a repeated request with one key as it did the first")
    func idempotency() async throws {
        try await ServerFixture.with { fixture in
            let key = ["Idempotency-Key": "once-1"]
            let first = try await fixture.ask("POST", "/v1/tenants", #"{"name": "twice"}"#, headers: key)
            let second = try await fixture.ask("POST", "/v1/tenants", #"{"name": "twice"}"#, headers: key)
            #expect(first.status == 201 && second.status == 201)
            #expect(first.json == second.json)
            #expect(first["Location"] == "/v1/tenants/twice")
            let other = try await fixture.ask("POST", "/v1/tenants", #"{"name": "thrice"}"#, headers: key)
            #expect(other.status == 422 && other.code == "idempotency-mismatch")
            let plain = try await fixture.ask("POST", "/v1/tenants", #"{"name": "twice"}"#)
            #expect(plain.status == 409 && plain.code == "already-exists")
        }
    }

    @Test("keeps a tenant's things from another's token and from tokens without a role for it")
    func visibility() async throws {
        try await ServerFixture.with { fixture in
            _ = try await fixture.ask("POST", Self.clusters, #"{"name": "web", "type": "toy"}"#)
            for path in [
                "/v1/tenants/acme", "/v1/tenants/acme/quota", "/v1/tenants/acme/projects", "/v1/tenants/acme/projects/shop", Self.clusters,
                Self.clusters + "/web", Self.clusters + "/web/events", Self.clusters + "/web/bindings",
            ] {
                let answer = try await fixture.ask("GET", path, token: fixture.strangerToken)
                #expect(answer.status == 404 && answer.code == "not-found", "\(path)")
            }
            #expect(try await fixture.ask("DELETE", Self.clusters + "/web", token: fixture.strangerToken).status == 404)
            #expect(try await fixture.ask("GET", "/v1/operations", token: fixture.strangerToken).json["items"]?.array?.isEmpty == true)
            #expect(try await fixture.ask("GET", "/v1/tenants", token: fixture.strangerToken).json["items"]?.array?.count == 1)
            for path in ["/v1/zones", "/v1/hosts", "/v1/plugins", "/v1/tokens"] {
                let answer = try await fixture.ask("GET", path, token: fixture.memberToken)
                #expect(answer.status == 403 && answer.code == "denied", "\(path)")
            }
        }
    }

    @Test("admits a cluster with 202, says where its operation is, and shows parameters' errors by pointer")
    func clusters() async throws {
        try await ServerFixture.with { fixture in
            let token = fixture.memberToken
            let made = try await fixture.ask(
                "POST", Self.clusters, #"{"name": "web", "type": "toy", "parameters": {"nodes": 1}}"#, token: token)
            #expect(made.status == 202, "\(made.json)")
            let location = try #require(made["Location"])
            #expect(location == "/v1/operations/\(made.json["operation"]?["id"]?.string ?? "")")
            var ended = try await fixture.ask("GET", location, token: token)
            while ended.json["state"] == "running" {
                let tag = (ended["ETag"] ?? "").replacing("\"", with: "")
                ended = try await fixture.ask("GET", "\(location)?wait=30&revision=\(tag)", token: token)
            }
            #expect(ended.json["state"] == "succeeded", "\(ended.json)")

            let wrong = try await fixture.ask(
                "POST", Self.clusters, #"{"name": "x", "type": "toy", "parameters": {"nodes": 99, "tls": 3, "nope": 1}}"#, token: token)
            #expect(wrong.status == 422 && wrong.code == "invalid-parameters")
            let fields =
                [wrong.json["field"]?.string].compactMap { $0 } + (wrong.json["errors"]?.array ?? []).compactMap { $0["field"]?.string }
            #expect(Set(fields).isSuperset(of: ["/parameters/nodes", "/parameters/tls", "/parameters/nope"]), "\(wrong.json)")
            let unknown = try await fixture.ask("POST", Self.clusters, #"{"name": "x", "type": "tyo"}"#, token: token)
            #expect(unknown.status == 422 && unknown.code == "unknown-type")

            let dry = try await fixture.ask("POST", Self.clusters + "?dryRun=true", #"{"name": "x", "type": "toy"}"#, token: token)
            #expect(dry.status == 200 && dry.json["quota"]?.array?.count == 2)
            #expect(try await fixture.ask("GET", Self.clusters + "/x", token: token).status == 404)

            let labelled = try await fixture.ask("PATCH", Self.clusters + "/web", #"{"labels": {"a": "b"}}"#, token: token)
            #expect(labelled.status == 200 && labelled.json["labels"] == ["a": "b"] && labelled.json["name"] == "web")
            let odd = try await fixture.ask("PATCH", Self.clusters + "/web", #"{"nodes": 3}"#, token: token)
            #expect(odd.status == 400 && odd.json["field"] == "/nodes")
            #expect(try await fixture.ask("PATCH", Self.clusters + "/none", "{}", token: token).status == 404)
            #expect(try await fixture.ask("POST", Self.clusters + "/none/repair", token: token).status == 404)
            let nothing = try await fixture.ask("POST", Self.clusters + "/web/repair", token: token)
            #expect(nothing.status == 409 && nothing.code == "not-ready", "\(nothing.json)")
        }
    }

    @Test("holds a long poll until the operation moves, and answers at once when it has")
    func longPoll() async throws {
        let gate = FakeToyPlugin.Gate()
        try await ServerFixture.with(plugin: FakeToyPlugin(gate: gate)) { fixture in
            let made = try await fixture.ask("POST", Self.clusters, #"{"name": "web", "type": "toy"}"#)
            let location = try #require(made["Location"])
            var seen = try await fixture.ask("GET", location)
            // Until the step that the gate holds.
            while seen.json["steps"]?.array?.contains(where: { $0["phase"] == "turning the key" }) != true {
                seen = try await fixture.ask("GET", "\(location)?wait=30&revision=\((seen["ETag"] ?? "").replacing("\"", with: ""))")
            }
            let start = ContinuousClock.now
            let held = try await fixture.ask("GET", "\(location)?wait=1&revision=\((seen["ETag"] ?? "").replacing("\"", with: ""))")
            #expect(held["ETag"] == seen["ETag"])
            #expect(ContinuousClock.now - start >= .milliseconds(900))
            #expect(try await fixture.ask("GET", "\(location)?wait=61").code == "invalid-query")
            gate.open()
            while seen.json["state"] == "running" {
                seen = try await fixture.ask("GET", "\(location)?wait=30&revision=\((seen["ETag"] ?? "").replacing("\"", with: ""))")
            }
            #expect(seen.json["state"] == "succeeded")
        }
    }

    @Test("pages through lists")
    func pages() async throws {
        try await ServerFixture.with { fixture in
            for index in 0..<5 { _ = try await fixture.ask("POST", "/v1/tenants", #"{"name": "t\#(index)"}"#) }
            var names: [String] = []
            var path: String? = "/v1/tenants?limit=3"
            while let next = path {
                let page = try await fixture.ask("GET", next)
                let items = page.json["items"]?.array ?? []
                #expect(items.count <= 3)
                names += items.compactMap { $0["name"]?.string }
                path = page.json["continue"]?.string.map {
                    "/v1/tenants?limit=3&continue=\($0.replacing("=", with: "%3D").replacing("+", with: "%2B"))"
                }
            }
            #expect(names == ["acme", "evil", "t0", "t1", "t2", "t3", "t4"])
        }
    }

    @Test("gives each answer an id, the client's own where it is plain")
    func requestID() async throws {
        try await ServerFixture.with { fixture in
            #expect(try await fixture.ask("GET", "/healthz", headers: ["X-Request-Id": "abc-1"])["X-Request-Id"] == "abc-1")
            let drawn = try await fixture.ask("GET", "/healthz", headers: ["X-Request-Id": "a b\tc"])["X-Request-Id"]
            #expect(drawn != nil && drawn != "a b\tc")
        }
    }

    @Test("describes itself completely for programs, without a token")
    func openAPI() async throws {
        try await ServerFixture.with { fixture in
            let document = try await fixture.ask("GET", "/openapi.json", token: .some(nil)).json
            #expect(document["openapi"] == "3.1.0")
            let paths = try #require(document["paths"]?.object)
            #expect(paths.count > 30)
            var identifiers: Set<String> = []
            for (template, methods) in paths {
                let named = Set(template.matches(of: /\{(\w+)\}/).map { String($0.1) })
                for (method, operation) in methods.object ?? [:] {
                    let parameters = operation["parameters"]?.array ?? []
                    #expect(Set(parameters.filter { $0["in"] == "path" }.compactMap { $0["name"]?.string }) == named)
                    let isNew = identifiers.insert(operation["operationId"]?.string ?? "").inserted
                    #expect(isNew, "\(method) \(template)")
                    // What is described is served: no path answers that it does not exist.
                    let path = template.replacing(/\{\w+\}/, with: "x")
                    let answer = try await fixture.ask(method.uppercased(), path, token: .some("wrong"))
                    #expect(answer.status == (operation["security"] == nil ? 200 : 401), "\(method) \(template)")
                }
            }
        }
    }
}
