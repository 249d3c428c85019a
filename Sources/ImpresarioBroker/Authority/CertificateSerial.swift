// SPDX-License-Identifier: Apache-2.0

/// A certificate's number: positive, at most 20 bytes (RFC 5280, 4.1.2.2); in text lower-case hex without leading zeros, two digits a byte.
struct CertificateSerial: Hashable, Sendable {
    /// Big-endian, without leading zeros.
    let bytes: [UInt8]

    /// 127 random bits.
    static func random(using generator: inout some RandomNumberGenerator) -> CertificateSerial {
        var bytes = (0..<16).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        // Positive, and of one length.
        bytes[0] = bytes[0] & 0x7f | 0x40
        return CertificateSerial(bytes: bytes)
    }

    static func random() -> CertificateSerial {
        var generator = SystemRandomNumberGenerator()
        return random(using: &generator)
    }

    /// Nil for what ``hex`` never is, but for leading zeros and capitals.
    init?(hex: String) {
        let digits = hex.utf8.map { byte in UInt8(String(UnicodeScalar(byte)), radix: 16) }
        guard (1...40).contains(digits.count), !digits.contains(nil) else { return nil }
        let nibbles = (digits.count % 2 == 0 ? [] : [0]) + digits.compactMap { $0 }
        let bytes = stride(from: 0, to: nibbles.count, by: 2).map { nibbles[$0] << 4 | nibbles[$0 + 1] }
        let significant = Array(bytes.drop { $0 == 0 })
        guard let first = significant.first, significant.count < 20 || first < 0x80 else { return nil }
        self.init(bytes: significant)
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    /// A leading zero keeps a number with the highest bit set positive.
    var derBytes: [UInt8] { (bytes.first ?? 0) >= 0x80 ? [0] + bytes : bytes }

    var hex: String { bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() }
}
