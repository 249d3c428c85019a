// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation
import ImpresarioClient
import ImpresarioModel
import ImpresarioServer
import ServerFixture
import SwiftASN1
import Testing
import X509

@Suite("Over TLS", .timeLimit(.minutes(1)))
struct TLSTests {
    /// A self-signed certificate for the loopback address, in files that are gone after the body.
    private func withCertificate<Result>(
        _ body: (ServerConfiguration.TLS) async throws -> Result
    ) async throws -> Result {
        let folder = NSTemporaryDirectory() + "impresario-tls-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let key = Certificate.PrivateKey(P256.Signing.PrivateKey())
        let name = try DistinguishedName { CommonName("broker") }
        let certificate = try Certificate(
            version: .v3, serialNumber: .init(), publicKey: key.publicKey, notValidBefore: .now - 60, notValidAfter: .now + 3600,
            issuer: name,
            subject: name, signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try Certificate.Extensions {
                SubjectAlternativeNames([.ipAddress(ASN1OctetString(contentBytes: [127, 0, 0, 1]))])
            }, issuerPrivateKey: key)
        try certificate.serializeAsPEM().pemString.write(toFile: folder + "/cert.pem", atomically: true, encoding: .utf8)
        try key.serializeAsPEM().pemString.write(toFile: folder + "/key.pem", atomically: true, encoding: .utf8)
        return try await body(ServerConfiguration.TLS(certificates: folder + "/cert.pem", key: folder + "/key.pem"))
    }

    @Test("a client that pins the certificate is served, one that does not know it refuses")
    func pinning() async throws {
        try await withCertificate { tls in
            try await ServerFixture.with(tls: tls) { fixture in
                let address = try ServerAddress(fixture.url)
                #expect(address.isEncrypted)
                let pinned = Client.Configuration(server: address, token: fixture.adminToken, trust: .file(tls.certificates))
                let identity = try await Client.with(pinned) { try await $0.whoami() }
                #expect(identity.role == .admin)

                let stranger = Client.Configuration(server: address, token: fixture.adminToken, retry: .never)
                let problem = await #expect(throws: Problem.self) { try await Client.with(stranger) { try await $0.whoami() } }
                #expect(problem?.is(.unreachable) == true)
                #expect(problem?.message.contains("its certificate is not accepted") == true, "\(String(describing: problem))")
            }
        }
    }

    @Test("files that are none are refused before anything is served")
    func files() async throws {
        try await withCertificate { tls in
            for broken in [
                ServerConfiguration.TLS(certificates: tls.key, key: tls.key), .init(certificates: tls.certificates, key: "/nowhere"),
                .init(certificates: tls.certificates, key: tls.certificates),
            ] {
                let problem = await #expect(throws: Problem.self) { try await ServerFixture.with(tls: broken) { _ in } }
                #expect(problem?.is(.invalidUsage) == true)
            }
            let problem = #expect(throws: Problem.self) {
                try Client(.init(server: try ServerAddress("https://127.0.0.1"), trust: .file("/nowhere")))
            }
            #expect(problem?.is(.invalidUsage) == true)
        }
    }
}
