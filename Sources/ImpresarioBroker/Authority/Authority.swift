// SPDX-License-Identifier: Apache-2.0

import Crypto
import FoundationEssentials
import ImpresarioModel
import SwiftASN1
import X509

/// A certificate authority of a cluster: a P-256 key and a self-signed certificate. It signs leaves only, and lists of revoked ones.
///
/// A value without store or clock: the moment and the serial are the caller's, so issuing again with the same ones differs only in key and signature.
struct Authority: Sendable {
    static let defaultLifetime = Duration.seconds(10 * 365 * 86_400)
    static let defaultLeafLifetime = Duration.seconds(365 * 86_400)
    /// Clocks of nodes may be behind; certificates and lists count from a little earlier.
    static let backdating = Duration.seconds(-300)

    let certificate: Certificate
    let key: P256.Signing.PrivateKey

    /// A new authority with a key of its own.
    ///
    /// - Parameter lifetime: ten years when nil.
    static func create(
        commonName: String, organizations: [String] = [], lifetime: Duration? = nil, now: Timestamp, serial: CertificateSerial = .random()
    ) throws(Problem) -> Authority {
        try signing { () throws -> Authority in
            let now = now.wholeSecond
            let key = P256.Signing.PrivateKey()
            let publicKey = Certificate.PublicKey(key.publicKey)
            let subject = try name(commonName, organizations)
            let certificate = try Certificate(
                version: .v3, serialNumber: Certificate.SerialNumber(bytes: serial.bytes), publicKey: publicKey,
                notValidBefore: (now + backdating).date, notValidAfter: (now + (lifetime ?? defaultLifetime)).date,
                issuer: subject, subject: subject, signatureAlgorithm: .ecdsaWithSHA256,
                extensions: Certificate.Extensions {
                    Critical(BasicConstraints.isCertificateAuthority(maxPathLength: 0))
                    Critical(KeyUsage(keyCertSign: true, cRLSign: true))
                    SubjectKeyIdentifier(hash: publicKey)
                },
                issuerPrivateKey: Certificate.PrivateKey(key))
            return Authority(certificate: certificate, key: key)
        }
    }

    /// An authority as it was kept.
    ///
    /// - Throws: `internal` when the two are damaged or do not belong to each other.
    init(certificatePEM: String, keyPEM: String) throws(Problem) {
        do {
            certificate = try Certificate(pemEncoded: certificatePEM)
            key = try P256.Signing.PrivateKey(pemRepresentation: keyPEM)
        } catch {
            throw Problem(.internal, "A certificate authority is damaged.", detail: String(describing: error))
        }
        guard certificate.publicKey == Certificate.PublicKey(key.publicKey) else {
            throw Problem(.internal, "A certificate authority is damaged.", detail: "key and certificate do not belong to each other")
        }
    }

    private init(certificate: Certificate, key: P256.Signing.PrivateKey) {
        self.certificate = certificate
        self.key = key
    }

    /// Ends with a line end.
    var certificatePEM: String {
        get throws(Problem) { try Self.signing { try certificate.serializeAsPEM().pemString + "\n" } }
    }

    /// PKCS #8; ends with a line end. Never leaves the core.
    var keyPEM: String { key.pemRepresentation + "\n" }

    var serial: String {
        CertificateSerial(hex: certificate.serialNumber.bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined())?.hex ?? ""
    }

    var expiresAt: Timestamp { Timestamp(milliseconds: Int64(certificate.notValidAfter.timeIntervalSince1970 * 1000)) }

    /// Identifies the key in what it signs.
    var keyIdentifier: ArraySlice<UInt8> { SubjectKeyIdentifier(hash: certificate.publicKey).keyIdentifier }

    static func name(_ commonName: String, _ organizations: [String]) throws -> DistinguishedName {
        try DistinguishedName {
            for organization in organizations { OrganizationName(organization) }
            CommonName(commonName)
        }
    }

    /// The library's errors as problems of ours.
    static func signing<Value>(_ body: () throws -> Value) throws(Problem) -> Value {
        do { return try body() } catch {
            throw (error as? Problem) ?? Problem(.internal, "A certificate could not be made.", detail: "\(error)")
        }
    }
}

extension Timestamp {
    /// Certificates count in seconds, and the library rounds up.
    var wholeSecond: Timestamp { Timestamp(milliseconds: milliseconds / 1000 * 1000) }
}
