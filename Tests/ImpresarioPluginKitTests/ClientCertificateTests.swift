// SPDX-License-Identifier: Apache-2.0

import Foundation
import PluginTestSupport
import Testing

@testable import ImpresarioPluginKit

@Suite struct ClientCertificateTests {
    private let host = FakeHost()
    private let clients = ClientCertificates(authority: "endpoint")

    private func call(endpoints: [Endpoint] = []) -> Call {
        Call(
            context: Context(
                operation: .init(id: "o1", kind: "credentials", attempt: 1),
                cluster: .init(id: "c1", name: "web", params: [:], network: ""),
                endpoints: endpoints),
            host: host.table, pointer: host.call)
    }

    @Test func `every certificate of a binding is revoked with it, and no further one issued`() throws {
        let call = call()
        let serials = try (0..<2).map { _ in try clients.issue(call, CredentialsRequest(binding: "b1")).pair.serial }
        let other = try clients.issue(call, CredentialsRequest(binding: "b2", ttl: .seconds(3600)))
        #expect(Set(serials + [other.pair.serial]).count == 3)
        #expect(other.expiresAt.hasSuffix("Z"))
        #expect(try clients.revokedSerials(call) == [])
        for _ in 1...2 { try clients.revoke(call, binding: "b1") }
        #expect(try clients.revokedSerials(call) == serials.sorted())
        let problem = #expect(throws: PluginProblem.self) { try clients.issue(call, CredentialsRequest(binding: "b1")) }
        #expect(problem?.status == .precondition)
        #expect(try clients.issue(call, CredentialsRequest(binding: "b3")).pair.serial != "")
    }

    @Test func `a binding that was never issued is revoked without a trace`() throws {
        try clients.revoke(call(), binding: "b9")
        #expect(try clients.revokedSerials(call()) == [])
    }

    @Test(arguments: [Duration.seconds(1), .seconds(366 * 86_400), .seconds(-1)])
    func `a lifetime out of bounds is refused before anything is made`(ttl: Duration) throws {
        let problem = #expect(throws: PluginProblem.self) {
            try clients.issue(call(), CredentialsRequest(binding: "b1", ttl: ttl))
        }
        #expect(problem?.status == .invalid && problem?.field == "/ttl")
        #expect(host.states.isEmpty)
    }

    @Test func `expired certificates are forgotten`() {
        var ledger = ClientCertificates.Ledger()
        ledger.record("1", of: "old", expires: 1000, now: 0)
        ledger.revoke("old", now: 900)
        #expect(ledger.revokedSerials == ["1"])
        ledger.record("2", of: "new", expires: 900_000, now: 800_000)
        #expect(ledger.revokedSerials.isEmpty)
        #expect(Array(ledger.entries.keys) == ["new"])
    }

    @Test func `a server's certificate bears every name that tenants use`() {
        let node = Node(
            id: "n0", name: "web-servers-0", group: "servers", role: "server", ordinal: 0, address: "10.0.0.2", state: "joined",
            flavor: .init(cpu: 500, memory: 512 << 20, disk: 1 << 30))
        let endpoints: [Endpoint] = [
            .init(name: "web", addresses: ["127.0.0.1:2000", "cloud.example:2001", "192.0.2.7:1", "[2001:db8::1]:5", "odd"], port: 2376),
            .init(name: "other", addresses: ["elsewhere.example:1"], port: 1),
        ]
        let names = ServerNames(node, endpoint: "web", call(endpoints: endpoints).context)
        #expect(names.dns == ["cloud.example", "localhost", "web-servers-0"])
        #expect(names.ips == ["10.0.0.2", "127.0.0.1", "192.0.2.7", "2001:db8::1"])
        #expect(names.digest != ServerNames(node, endpoint: "web", call().context).digest)
    }

    @Test func `texts that are cut otherwise have another digest`() {
        #expect(Digest.of(["ab", "c"]) != Digest.of(["a", "bc"]) && Digest.of(["ab", "c"]) == Digest.of(["ab", "c"]))
    }
}
