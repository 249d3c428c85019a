// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioModel
import Testing

@testable import ImpresarioBroker

/// What the core signs, judged by the real openssl.
@Suite struct AuthorityTests {
    let now = Timestamp(milliseconds: Timestamp.now().milliseconds / 1000 * 1000 + 999)

    private func authority(_ openssl: OpenSSL) throws -> Authority {
        let authority = try Authority.create(commonName: "Cluster CA", organizations: ["Web"], now: now)
        try openssl.write(authority.certificatePEM, "ca.pem")
        try openssl.write(authority.keyPEM, "ca.key")
        return authority
    }

    @Test func anAuthorityIsOneToOpenSSL() throws {
        try OpenSSL.with { openssl throws in
            let authority = try authority(openssl)
            let text = try openssl("x509", "-in", "ca.pem", "-noout", "-text", "-nameopt", "oneline").text
            #expect(text.contains("Subject: O = Web, CN = Cluster CA"))
            #expect(text.contains("CA:TRUE, pathlen:0"))
            #expect(text.contains("Certificate Sign, CRL Sign"))
            #expect(text.contains("ecdsa-with-SHA256"))
            #expect(try openssl("verify", "-x509_strict", "-CAfile", "ca.pem", "ca.pem").text == "ca.pem: OK\n")
            #expect(try openssl("ec", "-in", "ca.key", "-noout", "-check").text.contains("EC Key valid"))
            #expect(authority.keyPEM.hasPrefix("-----BEGIN PRIVATE KEY-----"))
            let read = try Authority(certificatePEM: authority.certificatePEM, keyPEM: authority.keyPEM)
            #expect(read.certificate == authority.certificate)
            #expect(read.expiresAt == now.wholeSecond + Authority.defaultLifetime)
            // The older form of a key, as other tools write it, is read too.
            let old = try openssl("ec", "-in", "ca.key").text
            let key = try #require(old.range(of: "-----BEGIN EC PRIVATE KEY-----")).lowerBound
            _ = try Authority(certificatePEM: authority.certificatePEM, keyPEM: String(old[key...]))
        }
    }

    @Test func aLeafSaysWhatItsProfileSays() throws {
        try OpenSSL.with { openssl throws in
            let authority = try authority(openssl)
            let profile = try CertificateProfile([
                "ca": "tls", "cn": "manager-1", "org": ["system:nodes"], "dns": ["manager-1", "*.example.org"],
                "ips": ["10.20.0.4", "fd00::1"],
                "usages": ["server"], "ttl": 3600,
            ])
            let issued = try authority.issue(profile, now: now)
            try openssl.write(issued.certificate, "leaf.pem")
            try openssl.write(try #require(issued.key), "leaf.key")
            let text = try openssl("x509", "-in", "leaf.pem", "-noout", "-text", "-nameopt", "oneline").text
            #expect(text.contains("Subject: O = system:nodes, CN = manager-1"))
            #expect(text.contains("DNS:manager-1, DNS:*.example.org, IP Address:10.20.0.4, IP Address:FD00:0:0:0:0:0:0:1"))
            #expect(text.contains("TLS Web Server Authentication\n"))
            #expect(text.contains("CA:FALSE"))
            #expect(
                try openssl("verify", "-x509_strict", "-purpose", "sslserver", "-CAfile", "ca.pem", "leaf.pem").text == "leaf.pem: OK\n")
            #expect(try openssl("verify", "-purpose", "sslclient", "-CAfile", "ca.pem", "leaf.pem").status != 0)
            #expect(try openssl("x509", "-in", "leaf.pem", "-noout", "-serial").text == "serial=\(issued.serial.uppercased())\n")
            #expect(issued.serial == issued.serial.lowercased())
            #expect(
                try openssl("x509", "-in", "leaf.pem", "-noout", "-pubkey").text == openssl("pkey", "-in", "leaf.key", "-pubout").text)
            #expect(issued.expiresAt == now.wholeSecond + .seconds(3600))
            #expect(issued.chain == issued.certificate + issued.authority)
        }
    }

    @Test func aLeafNeverOutlivesItsAuthority() throws {
        let authority = try Authority.create(commonName: "short", lifetime: .seconds(600), now: now)
        let issued = try authority.issue(CertificateProfile(authority: "a", commonName: "x"), now: now)
        #expect(issued.expiresAt == authority.expiresAt)
        #expect(throws: Problem.self) {
            try authority.issue(CertificateProfile(authority: "a", commonName: "x"), now: now + .seconds(600))
        }
    }

    @Test(arguments: [
        ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"], ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-384"],
        ["-newkey", "rsa:2048"], ["-newkey", "ed25519"],
    ])
    func ofARequestOnlyTheKeyIsTaken(_ algorithm: [String]) throws {
        try OpenSSL.with { openssl throws in
            let authority = try authority(openssl)
            try openssl.request(algorithm)
            let profile = CertificateProfile(authority: "a", commonName: "good", dns: ["good.example.org"], usages: [.client])
            let issued = try authority.issue(request: openssl.read("r.csr"), profile, now: now)
            #expect(issued.key == nil)
            try openssl.write(issued.certificate, "leaf.pem")
            let text = try openssl("x509", "-in", "leaf.pem", "-noout", "-text", "-nameopt", "oneline").text
            #expect(text.contains("Subject: CN = good\n"))
            #expect(text.contains("DNS:good.example.org\n") && !text.contains("evil"))
            #expect(try openssl("verify", "-CAfile", "ca.pem", "leaf.pem").text == "leaf.pem: OK\n")
            #expect(
                try openssl("x509", "-in", "leaf.pem", "-noout", "-pubkey").text == openssl("pkey", "-in", "r.key", "-pubout").text)
        }
    }

    @Test func aRequestThatIsNoneForgedOrWeakIsRefused() throws {
        try OpenSSL.with { openssl throws in
            let authority = try authority(openssl)
            func refusal(_ request: String) -> String? {
                #expect(throws: Problem.self) {
                    try authority.issue(request: request, CertificateProfile(authority: "a", commonName: "x"), now: now)
                }?.message
            }
            let unread = "The signing request is not a PKCS #10 request in PEM, or its key is of an unknown kind or too weak."
            #expect(refusal("nonsense") == unread)
            #expect(refusal(try authority.certificatePEM) == unread)
            #expect(refusal(String(repeating: "x", count: 70_000))?.hasSuffix("the limit is 65536.") == true)
            try openssl.request(["-newkey", "rsa:1024"])
            #expect(refusal(try openssl.read("r.csr")) == unread)
            // One bit of the signature, which is at the end.
            try openssl.request(["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"])
            try openssl("req", "-in", "r.csr", "-outform", "DER", "-out", "r.der")
            var der = try Data(contentsOf: openssl.folder.appending(path: "r.der"))
            der[der.count - 1] ^= 1
            let forged =
                "-----BEGIN CERTIFICATE REQUEST-----\n\(der.base64EncodedString(options: .lineLength64Characters))\n-----END CERTIFICATE REQUEST-----\n"
            #expect(refusal(forged.replacing("\r\n", with: "\n")) == "The signing request is not signed with the key that it holds.")
        }
    }

    @Test func keyAndCertificateOfTwoAuthoritiesAreNotTaken() throws {
        let (one, other) = (try Authority.create(commonName: "a", now: now), try Authority.create(commonName: "a", now: now))
        #expect(throws: Problem.self) { try Authority(certificatePEM: one.certificatePEM, keyPEM: other.keyPEM) }
        #expect(throws: Problem.self) { try Authority(certificatePEM: "x", keyPEM: one.keyPEM) }
    }
}

extension OpenSSL {
    /// `r.csr` and `r.key`, with names in it that nobody asked for.
    fileprivate func request(_ algorithm: [String]) throws {
        let base = [
            "req", "-new", "-nodes", "-keyout", "r.key", "-out", "r.csr", "-subj", "/CN=evil", "-addext", "subjectAltName=DNS:evil",
        ]
        let outcome = try run(base + algorithm)
        guard outcome.status == 0 else { throw Problem(.internal, outcome.text) }
    }
}
