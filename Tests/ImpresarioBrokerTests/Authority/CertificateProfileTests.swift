// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel
import Testing

@testable import ImpresarioBroker

@Suite struct CertificateProfileTests {
    @Test func whatIsLeftOutIsFilledIn() throws {
        #expect(try CertificateProfile(["ca": "tls", "cn": "x"]) == CertificateProfile(authority: "tls", commonName: "x"))
        let profile = try CertificateProfile(["ca": "tls", "cn": "x", "is_ca": true, "fresh": true, "usages": ["client"], "ttl": 60])
        #expect(
            profile
                == CertificateProfile(
                    authority: "tls", isAuthority: true, commonName: "x", usages: [.client], lifetime: .seconds(60), isFresh: true))
    }

    @Test(
        arguments: [
            ("text", ""), ([:], "/ca"), (["ca": "a"], "/cn"), (["ca": "../a", "cn": "x"], "/ca"), (["ca": "a", "cn": ""], "/cn"),
            (["ca": "a", "cn": "x\ny"], "/cn"), (["ca": "a", "cn": .string(String(repeating: "x", count: 65))], "/cn"),
            (["ca": "a", "cn": "x", "org": "o"], "/org"), (["ca": "a", "cn": "x", "dns": ["a..b"]], "/dns/0"),
            (["ca": "a", "cn": "x", "dns": ["a", "b c"]], "/dns/1"), (["ca": "a", "cn": "x", "dns": ["a.*.b"]], "/dns/0"),
            (["ca": "a", "cn": "x", "ips": ["10.0.0.1", "10.0.0"]], "/ips/1"), (["ca": "a", "cn": "x", "ips": ["10.0.0.1/8"]], "/ips/0"),
            (["ca": "a", "cn": "x", "usages": []], "/usages"), (["ca": "a", "cn": "x", "usages": ["sign"]], "/usages/0"),
            (["ca": "a", "cn": "x", "ttl": 0], "/ttl"), (["ca": "a", "cn": "x", "ttl": 1e12], "/ttl"),
            (["ca": "a", "cn": "x", "ip": []], "/ip"),
        ] as [(JSONValue, String)])
    func whatCannotBeMeantIsRefusedWithItsPlace(_ document: JSONValue, _ field: String) {
        let problem = #expect(throws: Problem.self) { try CertificateProfile(document) }
        #expect(problem?.field == field)
        #expect(problem?.code == "plugin-failed")
    }
}
