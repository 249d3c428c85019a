// SPDX-License-Identifier: Apache-2.0

import Crypto
import FoundationEssentials
import ImpresarioModel
import SwiftASN1
import X509

extension Authority {
    static let longestRequest = 64 << 10

    /// A certificate with a new P-256 key.
    ///
    /// It never outlives the authority: the end is the earlier of the two.
    ///
    /// - Throws: `plugin-failed` when the authority has expired.
    func issue(
        _ profile: CertificateProfile, now: Timestamp, serial: CertificateSerial = .random()
    ) throws(Problem) -> IssuedCertificate {
        let key = P256.Signing.PrivateKey()
        var issued = try issue(profile, for: Certificate.PublicKey(key.publicKey), now: now, serial: serial)
        issued.key = key.pemRepresentation + "\n"
        return issued
    }

    /// A certificate for a key that stays where it is. Of the request only the key is taken; what the certificate says is the profile's.
    ///
    /// - Throws: `plugin-failed` when the request is none, its key is too weak, or it is not signed with that key.
    func issue(
        request pem: String, _ profile: CertificateProfile, now: Timestamp, serial: CertificateSerial = .random()
    ) throws(Problem) -> IssuedCertificate {
        guard pem.utf8.count <= Self.longestRequest else {
            throw Problem(.pluginFailed, "The signing request has \(pem.utf8.count) bytes; the limit is \(Self.longestRequest).")
        }
        let request: CertificateSigningRequest
        do { request = try CertificateSigningRequest(pemEncoded: pem) } catch {
            // Also for RSA keys below 2048 bits, which the library refuses to read.
            throw Problem(
                .pluginFailed, "The signing request is not a PKCS #10 request in PEM, or its key is of an unknown kind or too weak.",
                detail: String(describing: error), remedy: "Use P-256, P-384, P-521, Ed25519, or RSA with 2048 bits or more.")
        }
        guard request.publicKey.isValidSignature(request.signature, for: request) else {
            throw Problem(.pluginFailed, "The signing request is not signed with the key that it holds.")
        }
        return try issue(profile, for: request.publicKey, now: now, serial: serial)
    }

    private func issue(
        _ profile: CertificateProfile, for publicKey: Certificate.PublicKey, now: Timestamp, serial: CertificateSerial
    ) throws(Problem) -> IssuedCertificate {
        guard now < expiresAt else {
            throw Problem(.pluginFailed, "The authority '\(profile.authority)' has expired (\(expiresAt)).")
        }
        let now = now.wholeSecond
        let end = min(now + (profile.lifetime ?? Self.defaultLeafLifetime), expiresAt)
        let pem = try Self.signing {
            try Certificate(
                version: .v3, serialNumber: Certificate.SerialNumber(bytes: serial.bytes), publicKey: publicKey,
                notValidBefore: (now + Self.backdating).date, notValidAfter: end.date, issuer: certificate.subject,
                subject: try Self.name(profile.commonName, profile.organizations), signatureAlgorithm: .ecdsaWithSHA256,
                extensions: try extensions(profile, publicKey), issuerPrivateKey: Certificate.PrivateKey(key)
            ).serializeAsPEM().pemString + "\n"
        }
        return IssuedCertificate(
            certificate: pem, key: nil, authority: try certificatePEM, serial: serial.hex, expiresAt: end)
    }

    private func extensions(_ profile: CertificateProfile, _ publicKey: Certificate.PublicKey) throws -> Certificate.Extensions {
        let names =
            profile.dns.map { GeneralName.dnsName($0) }
            + profile.ips.compactMap(IPAddress.bytes).map { GeneralName.ipAddress(ASN1OctetString(contentBytes: $0[...])) }
        let usages = profile.usages.map { $0 == .server ? ExtendedKeyUsage.Usage.serverAuth : .clientAuth }
        return try Certificate.Extensions {
            Critical(BasicConstraints.notCertificateAuthority)
            Critical(KeyUsage(digitalSignature: true))
            if !usages.isEmpty { try ExtendedKeyUsage(usages) }
            if !names.isEmpty { SubjectAlternativeNames(names) }
            SubjectKeyIdentifier(hash: publicKey)
            AuthorityKeyIdentifier(keyIdentifier: keyIdentifier)
        }
    }
}
