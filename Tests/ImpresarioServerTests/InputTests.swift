// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioModel
import NIOCore
import NIOPosix
import ServerFixture
import Testing

@Suite("The server refuses")
struct InputTests {
    @Test("what it does not know, with problem documents")
    func unknown() async throws {
        try await ServerFixture.with { fixture in
            let nowhere = try await fixture.ask("GET", "/v1/nowhere")
            #expect(nowhere.status == 404 && nowhere.code == "not-found")
            #expect(nowhere["Content-Type"] == "application/problem+json")
            #expect(nowhere.json["type"] == "urn:impresario:problem:not-found")
            #expect(nowhere.json["status"] == 404)

            let method = try await fixture.ask("PUT", "/v1/tenants/acme")
            #expect(method.status == 405 && method.code == "method-not-allowed")
            #expect(method["Allow"] == "DELETE, GET, PATCH")

            let query = try await fixture.ask("GET", "/v1/tenants?limt=3")
            #expect(query.status == 400 && query.code == "invalid-query" && query.json["field"] == "limt")
            #expect(try await fixture.ask("GET", "/v1/tenants?limit=0").code == "invalid-query")
            #expect(try await fixture.ask("GET", "/v1/tenants?limit=1&limit=2").code == "invalid-query")
            #expect(try await fixture.ask("GET", "/v1/tenants?continue=%2B%2B").code == "invalid-query")
        }
    }

    @Test("callers without a good token, in the same words for every reason")
    func tokens() async throws {
        try await ServerFixture.with { fixture in
            for token in [nil, "", "imp_wrong", String(repeating: "x", count: 5000)] as [String?] {
                let answer = try await fixture.ask("GET", "/v1/whoami", token: .some(token))
                #expect(answer.status == 401 && answer.code == "unauthenticated")
                #expect(answer["WWW-Authenticate"] == "Bearer")
            }
            let basic = try await fixture.ask("GET", "/v1/whoami", token: .some(nil), headers: ["Authorization": "Basic YTpi"])
            #expect(basic.status == 401)
            #expect(try await fixture.ask("GET", "/healthz", token: .some(nil)).status == 200)
            #expect(try await fixture.ask("GET", "/readyz", token: .some(nil)).status == 200)
        }
    }

    @Test(
        "bodies that are not what is asked for",
        arguments: [
            ("{", "invalid-body", nil), ("[]", "invalid-body", ""), ("3", "invalid-body", ""), ("{}", "invalid-body", "/name"),
            (#"{"name": 3}"#, "invalid-body", "/name"), (#"{"name": "x", "limit": {}}"#, "invalid-body", "/limit"),
            (#"{"name": "No_Label"}"#, "invalid-name", "/name"),
            (#"{"name": "x", "limits": {"cpu": "-1"}}"#, "invalid-quantity", "/limits/cpu"),
            (#"{"name": "x", "limits": {"memory": "99999999999Gi"}}"#, "invalid-quantity", "/limits/memory"),
            (#"{"name": "x", "limits": {"cpu": 1.5}}"#, "invalid-quantity", "/limits/cpu"), ("", "invalid-body", ""),
            (String(repeating: "[", count: 100_000), "invalid-body", nil),
            (#"{"name": "x", "limits": {"cpu": 1e999}}"#, "invalid-body", "/limits/cpu"),
        ] as [(String, String, String?)])
    func bodies(_ body: String, code: String, field: String?) async throws {
        try await ServerFixture.with { fixture in
            let answer = try await fixture.ask("POST", "/v1/tenants", body)
            #expect(answer.status == 400, "\(answer.json)")
            #expect(answer.code == code)
            #expect(answer.json["field"]?.string == field)
            // Nothing of it was done.
            #expect(try await fixture.ask("GET", "/v1/tenants").json["items"]?.array?.count == 2)
        }
    }

    @Test("bodies that are too large or of another type")
    func envelope() async throws {
        try await ServerFixture.with { fixture in
            let large = #"{"name": ""# + String(repeating: "x", count: 1 << 20) + #""}"#
            let answer = try await fixture.ask("POST", "/v1/tenants", large)
            #expect(answer.status == 413 && answer.code == "body-too-large")
            let text = try await fixture.ask("POST", "/v1/tenants", #"{"name": "x"}"#, headers: ["Content-Type": "text/plain"])
            #expect(text.status == 415 && text.code == "unsupported-media-type")
            let charset = try await fixture.ask(
                "POST", "/v1/tenants", #"{"name": "x"}"#, headers: ["Content-Type": "application/json; charset=utf-8"])
            #expect(charset.status == 201)
        }
    }

    @Test("headers that are not what they should be")
    func headers() async throws {
        try await ServerFixture.with { fixture in
            for tag in ["3", "W/\"3\"", "\"x\"", "\"1\", \"2\"", "\"\""] {
                let answer = try await fixture.ask("DELETE", "/v1/tenants/evil", headers: ["If-Match": tag])
                #expect(answer.status == 400 && answer.code == "invalid-header" && answer.json["field"] == "If-Match", "\(tag)")
            }
            let stale = try await fixture.ask("DELETE", "/v1/tenants/evil", headers: ["If-Match": "\"1\""])
            #expect(stale.status == 412 && stale.code == "precondition-failed")
            for key in [String(repeating: "k", count: 129), "a b"] {
                let answer = try await fixture.ask("POST", "/v1/tenants", #"{"name": "x"}"#, headers: ["Idempotency-Key": key])
                #expect(answer.status == 400 && answer.code == "invalid-header", "\(key)")
            }
        }
    }

    @Test("nothing of a client that goes away in the middle of a request", .timeLimit(.minutes(1)))
    func gone() async throws {
        try await ServerFixture.with { fixture in
            let port = try #require(URL(string: fixture.url)?.port)
            let head =
                "POST /v1/tenants HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(fixture.adminToken)\r\nContent-Type: application/json\r\n"
            for text in ["", "POST", head, head + "Content-Length: 14\r\n\r\n{\"name\": ", "\u{16}\u{3}\u{1}", "GET / HTTP/9.9\r\n\r\n"] {
                let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                    .connect(host: "127.0.0.1", port: port).get()
                try await channel.writeAndFlush(ByteBuffer(string: text)).get()
                // The server may have been first.
                try? await channel.close().get()
            }
            #expect(try await fixture.ask("GET", "/v1/tenants").json["items"]?.array?.count == 2)
        }
    }

    @Test("paths that try to be something else")
    func paths() async throws {
        try await ServerFixture.with { fixture in
            for path in ["/v1/tenants/acme%2Fprojects", "/v1/tenants/%2E%2E", "/v1/tenants/a%00b", "/v1/tenants/%ff", "/../etc/passwd"] {
                let answer = try await fixture.ask("GET", path)
                #expect(answer.status == 404 && answer.code == "not-found", "\(path)")
            }
        }
    }
}
