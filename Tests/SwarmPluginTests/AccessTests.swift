// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioPluginKit
import PluginTestSupport
import Testing

@testable import SwarmPlugin

@Suite struct AccessTests {
    private let manager = FakeEngines.node(.manager, 0)

    private func engines() throws -> FakeEngines {
        let engines = FakeEngines()
        _ = try Swarm().bootstrap(engines.call([manager]))
        return engines
    }

    @Test func `the revocation list is there before the endpoint starts`() throws {
        let engines = try engines()
        #expect(engines.host.revocations == [[]])
        #expect(engines.host.files["\(manager.id):/etc/swarm-endpoint/crl.pem"] == Data("CRL ".utf8))
        #expect(engines.host.services.map(\.node) == [manager.id, manager.id])
        let configuration =
            engines.host.files["\(manager.id):/etc/swarm-endpoint/stunnel.conf"].map { String(decoding: $0, as: UTF8.self) } ?? ""
        for line in ["requireCert = yes", "verifyChain = yes", "CRLfile = /etc/swarm-endpoint/crl.pem", "accept = 10.208.3.10:2376"] {
            #expect(configuration.contains(line))
        }
    }

    @Test func `an endpoint that is as it should be is left alone`() throws {
        let engines = try engines()
        _ = try Swarm().bootstrap(engines.call([manager], attempt: 2))
        #expect(engines.host.revocations.count == 1)
        #expect(!engines.host.commands.contains { $0.arguments.joined().contains("kill -HUP") })
    }

    @Test func `credentials carry a fresh certificate and revocation names it and reloads`() throws {
        let engines = try engines()
        let first = try Swarm().credentials(
            engines.call([manager], kind: "credentials"), CredentialsRequest(binding: "b1", ttl: .seconds(3600)))
        #expect(Set(first.files.keys) == ["ca.pem", "cert.pem", "key.pem"])
        #expect(first.env == ["DOCKER_HOST": "tcp://10.208.3.10:2376", "DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": "${dir}"])
        _ = try Swarm().credentials(engines.call([manager], kind: "credentials"), CredentialsRequest(binding: "b1"))
        _ = try Swarm().credentials(engines.call([manager], kind: "credentials"), CredentialsRequest(binding: "b2"))
        for _ in 1...2 { try Swarm().revoke(engines.call([manager], kind: "revoke"), binding: "b1") }
        #expect(engines.host.revocations.last == ["a1", "a2"])
        #expect(engines.host.revocations.count == 2, "revoking again changes nothing")
        #expect(engines.host.commands.contains { $0.arguments.joined().contains("kill -HUP") })
        #expect(throws: PluginProblem.self) {
            try Swarm().credentials(engines.call([manager], kind: "credentials"), CredentialsRequest(binding: "b1"))
        }
    }

    @Test func `revoking what was never issued is no error`() throws {
        try Swarm().revoke(engines().call([manager]), binding: "b9")
    }

    @Test func `a revocation that does not reach a sleeping manager is to be repeated`() throws {
        let engines = FakeEngines()
        let managers = (0..<3).map { FakeEngines.node(.manager, $0) }
        _ = try Swarm().bootstrap(engines.call(managers))
        _ = try Swarm().credentials(engines.call(managers, kind: "credentials"), CredentialsRequest(binding: "b1"))
        engines.host.unreachable = [managers[0].id]
        let problem = #expect(throws: PluginProblem.self) { try Swarm().revoke(engines.call(managers, kind: "revoke"), binding: "b1") }
        #expect(problem?.isRetryable == true)
        #expect(engines.host.files["\(managers[2].id):/etc/swarm-endpoint/crl.pem"] == Data("CRL a1".utf8), "the others have it")
        engines.host.unreachable = []
        try Swarm().revoke(engines.call(managers, kind: "revoke"), binding: "b1")
        #expect(engines.host.files["\(managers[0].id):/etc/swarm-endpoint/crl.pem"] == Data("CRL a1".utf8))
    }

    @Test(arguments: [CredentialsRequest(binding: "b", role: "viewer"), CredentialsRequest(binding: "b", ttl: .seconds(1))])
    func `wrong requests are refused with a pointer`(request: CredentialsRequest) throws {
        let engines = try engines()
        let problem = #expect(throws: PluginProblem.self) { try Swarm().credentials(engines.call([manager], kind: "credentials"), request) }
        #expect(["/role", "/ttl"].contains(problem?.field))
    }
}
