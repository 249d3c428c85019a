// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel
import ImpresarioServer
import Testing

@Suite("A server configuration")
struct ConfigurationTests {
    @Test(
        "takes loopback addresses without TLS", arguments: ["127.0.0.1:7070", "127.0.0.1:0", "localhost:80", "[::1]:7070", "127.3.4.5:1"])
    func loopback(_ address: String) throws {
        #expect(try ServerConfiguration(listen: address, version: "1").tls == nil)
    }

    @Test(
        "refuses other addresses without TLS",
        arguments: ["0.0.0.0:7070", "10.0.0.1:7070", "[::]:7070", "example.com:443", "127.0.0.1.evil.com:1"])
    func others(_ address: String) throws {
        let problem = #expect(throws: Problem.self) { try ServerConfiguration(listen: address, version: "1") }
        #expect(problem?.message.contains("TLS") == true)
        _ = try ServerConfiguration(listen: address, tls: .init(certificates: "c", key: "k"), version: "1")
    }

    @Test("refuses what is no address", arguments: ["", "7070", ":7070", "127.0.0.1", "127.0.0.1:x", "127.0.0.1:70000", "::1:80", "a/b:1"])
    func nonsense(_ address: String) {
        let problem = #expect(throws: Problem.self) { try ServerConfiguration(listen: address, version: "1") }
        #expect(problem?.field == "listen")
    }
}
