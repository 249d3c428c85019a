// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel
import Testing

@testable import ImpresarioClient

@Suite("A server's address")
struct ServerAddressTests {
    @Test(
        "is read in every sensible form",
        arguments: [
            ("127.0.0.1:7070", "http://127.0.0.1:7070"), ("http://localhost/", "http://localhost"), ("http://[::1]:80", "http://[::1]:80"),
            ("https://broker.example", "https://broker.example"), (" https://10.0.0.1:443\n", "https://10.0.0.1:443"),
        ])
    func forms(_ text: String, _ full: String) throws {
        #expect(try ServerAddress(text).description == full)
    }

    @Test(
        "is refused when it is none, or would carry a token in the clear",
        arguments: [
            "", "http://", "ftp://127.0.0.1", "http://127.0.0.1/path", "http://u@127.0.0.1", "http://127.0.0.1?x", "http://10.0.0.1:7070",
            "broker.example:7070", "http://127.0.0.1.evil.com", "http://127.0.0.1:99999",
        ])
    func refusals(_ text: String) {
        #expect(throws: Problem.self) { try ServerAddress(text) }
    }
}

@Suite("A request")
struct APIRequestTests {
    @Test("keeps names in their segment, whatever they hold")
    func segments() {
        #expect(APIRequest(.get, "v1", "tenants", "a/b").path == "/v1/tenants/a%2Fb")
        #expect(APIRequest(.get, "v1", "..").path == "/v1/%2E%2E")
        #expect(APIRequest(.get, "v1").with(query: "a b", "c&d=ä").target == "/v1?a%20b=c%26d%3D%C3%A4")
    }

    @Test("may be repeated unless it posts without a key")
    func repeatable() {
        #expect(APIRequest(.delete, "v1").isRepeatable)
        #expect(!APIRequest(.post, "v1").isRepeatable)
        #expect(APIRequest(.post, "v1").with(header: "Idempotency-Key", "k").isRepeatable)
    }
}

@Suite("The parser of server-sent events")
struct ServerSentEventParserTests {
    private static let text = ": hello\n\nid: 3\nevent: a\ndata: {\"x\":\ndata: 1}\n\nid: 4\r\ndata:two\r\n\r\ndata\rignored: x\r\r"
    private static let messages = [
        ServerSentEventParser.Message(id: "3", event: "a", data: "{\"x\":\n1}"), .init(id: "4", event: nil, data: "two"),
        .init(id: "4", event: nil, data: ""),
    ]

    @Test("reads the same messages however the bytes are cut", arguments: 1...12)
    func cuts(_ size: Int) {
        var parser = ServerSentEventParser()
        let bytes = Array(Self.text.utf8)
        let read = stride(from: 0, to: bytes.count, by: size).flatMap { parser.feed(bytes[$0..<min($0 + size, bytes.count)]) }
        #expect(read == Self.messages)
    }
}
