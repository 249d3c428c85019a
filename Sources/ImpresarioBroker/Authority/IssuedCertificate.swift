// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel

/// What an authority hands out.
struct IssuedCertificate: Codable, Hashable, Sendable {
    enum CodingKeys: String, CodingKey {
        case certificate = "cert"
        case key
        case authority = "ca"
        case serial
        case expiresAt = "expires_at"
    }

    /// PEM.
    var certificate: String
    /// PEM, PKCS #8; nil when the key stayed with whoever asked, or is not handed out.
    var key: String?
    /// The signer's certificate, PEM.
    var authority: String
    /// Lower-case hex.
    var serial: String
    var expiresAt: Timestamp

    /// Leaf first.
    var chain: String { certificate + authority }
}
