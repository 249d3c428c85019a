// SPDX-License-Identifier: Apache-2.0

import Crypto
import ImpresarioModel
import SwiftASN1
import X509

extension Authority {
    static let mostRevoked = 65_536
    static let revocationListLifetime = Duration.seconds(10 * 365 * 86_400)

    /// The list of revoked certificates, PEM.
    ///
    /// - Parameters:
    ///   - serials: lower-case hex, in any order; those that are there twice count once.
    ///   - number: must grow from one list of this authority to the next (RFC 5280, 5.2.3).
    ///   - lifetime: how long readers may use it; most of them refuse everybody when it is over.
    /// - Throws: `plugin-failed` for a text that is no serial, and for more than 65,536.
    func revocationList(
        serials: [String], number: UInt64, now: Timestamp, lifetime: Duration = revocationListLifetime
    ) throws(Problem) -> String {
        guard serials.count <= Self.mostRevoked else {
            throw Problem(.pluginFailed, "\(serials.count) serials; a revocation list holds at most \(Self.mostRevoked).")
        }
        var revoked = Set<CertificateSerial>()
        for text in serials {
            guard let serial = CertificateSerial(hex: text) else {
                throw Problem(.pluginFailed, "'\(text.prefix(60))' is not a certificate's serial: 1 to 40 hex digits, not 0.")
            }
            revoked.insert(serial)
        }
        let list = RevocationList(
            issuer: certificate.subject, keyIdentifier: keyIdentifier, number: number, thisUpdate: now + Self.backdating,
            nextUpdate: now + lifetime, revoked: revoked.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }, revokedAt: now)
        return try Self.signing {
            let content = try list.derBytes()
            let signature = try key.signature(for: content).derRepresentation
            return PEMDocument(type: "X509 CRL", derBytes: try RevocationList.signed(content, signature: Array(signature))).pemString + "\n"
        }
    }
}
