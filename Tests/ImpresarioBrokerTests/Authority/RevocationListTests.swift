// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioModel
import Testing

@testable import ImpresarioBroker

@Suite struct RevocationListTests {
    let now = Timestamp.now()
    let profile = CertificateProfile(authority: "a", commonName: "client", usages: [.client])

    @Test func openSSLHonoursIt() throws {
        try OpenSSL.with { openssl throws in
            let authority = try Authority.create(commonName: "ca", now: now)
            try openssl.write(authority.certificatePEM, "ca.pem")
            let (good, bad) = (try authority.issue(profile, now: now), try authority.issue(profile, now: now))
            try openssl.write(good.certificate, "good.pem")
            try openssl.write(bad.certificate, "bad.pem")
            func check(_ name: String) throws -> String {
                try openssl("verify", "-x509_strict", "-CAfile", "ca.pem", "-CRLfile", "list.pem", "-crl_check", name).text
            }
            try openssl.write(authority.revocationList(serials: [], number: 1, now: now), "list.pem")
            #expect(try openssl("crl", "-in", "list.pem", "-CAfile", "ca.pem", "-verify", "-noout").text == "verify OK\n")
            #expect(try openssl("crl", "-in", "list.pem", "-noout", "-text").text.contains("No Revoked Certificates."))
            #expect(try check("good.pem") == "good.pem: OK\n")
            #expect(try check("bad.pem") == "bad.pem: OK\n")

            try openssl.write(authority.revocationList(serials: [bad.serial, "ff", "80", "0080"], number: 300, now: now), "list.pem")
            #expect(try openssl("crl", "-in", "list.pem", "-CAfile", "ca.pem", "-verify", "-noout").text == "verify OK\n")
            let text = try openssl("crl", "-in", "list.pem", "-noout", "-text").text
            #expect(text.contains("Version 2"))
            #expect(text.contains("X509v3 CRL Number: \n                300"))
            #expect(text.contains("Serial Number: FF\n") && text.contains("Serial Number: \(bad.serial.uppercased())\n"))
            #expect(text.components(separatedBy: "Serial Number:").count == 4, "what is there twice counts once")
            #expect(try check("good.pem") == "good.pem: OK\n")
            #expect(try check("bad.pem").contains("certificate revoked"))

            // Another authority's list is none of this one's.
            let other = try Authority.create(commonName: "ca", now: now)
            try openssl.write(other.revocationList(serials: [], number: 1, now: now), "list.pem")
            #expect(try openssl("crl", "-in", "list.pem", "-CAfile", "ca.pem", "-verify", "-noout").text.contains("verify failure"))
        }
    }

    @Test func datesAreWrittenInBothForms() throws {
        try OpenSSL.with { openssl throws in
            let authority = try Authority.create(commonName: "ca", now: now)
            // 2049-12-31T23:59:59Z and a second on.
            let last = Timestamp(milliseconds: 2_524_607_999_000)
            let list = try authority.revocationList(serials: ["1"], number: .max, now: last, lifetime: .seconds(1))
            try openssl.write(list, "list.pem")
            let text = try openssl("crl", "-in", "list.pem", "-noout", "-text").text
            #expect(text.contains("Last Update: Dec 31 23:54:59 2049 GMT"))
            #expect(text.contains("Next Update: Jan  1 00:00:00 2050 GMT"))
            #expect(text.contains("Revocation Date: Dec 31 23:59:59 2049 GMT"))
            let structure = try openssl("asn1parse", "-in", "list.pem").text
            #expect(structure.contains("UTCTIME           :491231235459Z"))
            #expect(structure.contains("GENERALIZEDTIME   :20500101000000Z"))
        }
    }

    @Test func aTextThatIsNoSerialIsRefused() throws {
        let authority = try Authority.create(commonName: "ca", now: now)
        for text in ["", "xyz", "0", "00", "-1", "0x1f", "a b", String(repeating: "f", count: 40), String(repeating: "1", count: 41), "١"] {
            #expect(throws: Problem.self, "\(text)") { try authority.revocationList(serials: [text], number: 1, now: now) }
        }
        #expect(throws: Problem.self) {
            try authority.revocationList(serials: (1...65_537).map { String($0, radix: 16) }, number: 1, now: now)
        }
    }

    @Test func serialsRepeatBySeedAndReadBack() {
        var (one, other) = (Fixed(value: 0), Fixed(value: .max))
        let (low, high) = (CertificateSerial.random(using: &one), CertificateSerial.random(using: &other))
        #expect(low.hex == "40" + String(repeating: "0", count: 30))
        #expect(high.hex == "7f" + String(repeating: "f", count: 30))
        #expect(CertificateSerial(hex: low.hex) == low)
        #expect(CertificateSerial(hex: "00FF")?.hex == "ff")
        #expect(CertificateSerial(hex: "f")?.hex == "0f")
        #expect(CertificateSerial.random() != .random())
    }

    private struct Fixed: RandomNumberGenerator {
        let value: UInt64
        func next() -> UInt64 { value }
    }
}
