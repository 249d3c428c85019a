// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import ImpresarioModel
import SwiftASN1
import X509

/// A certificate revocation list, version 2 (RFC 5280, 5.1), in DER. The certificate library has none.
struct RevocationList {
    var issuer: DistinguishedName
    /// Of the key that signs it.
    var keyIdentifier: ArraySlice<UInt8>
    var number: UInt64
    var thisUpdate: Timestamp
    var nextUpdate: Timestamp
    var revoked: [CertificateSerial]
    var revokedAt: Timestamp

    private static let ecdsaWithSHA256: ASN1ObjectIdentifier = [1, 2, 840, 10045, 4, 3, 2]
    private static let authorityKeyIdentifier: ASN1ObjectIdentifier = [2, 5, 29, 35]
    private static let listNumber: ASN1ObjectIdentifier = [2, 5, 29, 20]

    /// `TBSCertList`, which is what is signed.
    func derBytes() throws -> [UInt8] {
        var serializer = DER.Serializer()
        try serializer.appendConstructedNode(identifier: .sequence) { list in
            try list.serialize(1)  // v2
            try Self.algorithm(&list)
            try list.serialize(issuer)
            try Self.time(thisUpdate, &list)
            try Self.time(nextUpdate, &list)
            // Absent, not empty, when there is none.
            if !revoked.isEmpty {
                try list.appendConstructedNode(identifier: .sequence) { entries in
                    for serial in revoked {
                        try entries.appendConstructedNode(identifier: .sequence) { entry in
                            entry.appendPrimitiveNode(identifier: .integer) { $0 += serial.derBytes }
                            try Self.time(revokedAt, &entry)
                        }
                    }
                }
            }
            try list.appendConstructedNode(identifier: ASN1Identifier(tagWithNumber: 0, tagClass: .contextSpecific)) { tagged in
                try tagged.appendConstructedNode(identifier: .sequence) { extensions in
                    try Self.append(Self.authorityKeyIdentifier, to: &extensions) { value in
                        value.appendConstructedNode(identifier: .sequence) { identifier in
                            identifier.appendPrimitiveNode(identifier: ASN1Identifier(tagWithNumber: 0, tagClass: .contextSpecific)) {
                                $0 += keyIdentifier
                            }
                        }
                    }
                    try Self.append(Self.listNumber, to: &extensions) { try $0.serialize(number) }
                }
            }
        }
        return serializer.serializedBytes
    }

    /// `CertificateList`.
    static func signed(_ content: [UInt8], signature: [UInt8]) throws -> [UInt8] {
        var serializer = DER.Serializer()
        try serializer.appendConstructedNode(identifier: .sequence) { list in
            list.serializeRawBytes(content)
            try algorithm(&list)
            try list.serialize(ASN1BitString(bytes: signature[...]))
        }
        return serializer.serializedBytes
    }

    private static func algorithm(_ serializer: inout DER.Serializer) throws {
        try serializer.appendConstructedNode(identifier: .sequence) { try $0.serialize(ecdsaWithSHA256) }
    }

    private static func append(
        _ identifier: ASN1ObjectIdentifier, to extensions: inout DER.Serializer, value: (inout DER.Serializer) throws -> Void
    ) throws {
        var content = DER.Serializer()
        try value(&content)
        try extensions.appendConstructedNode(identifier: .sequence) {
            try $0.serialize(identifier)
            try $0.serialize(ASN1OctetString(contentBytes: content.serializedBytes[...]))
        }
    }

    /// UTC time until 2049, generalized time from then on (RFC 5280, 5.1.2.4).
    private static func time(_ time: Timestamp, _ serializer: inout DER.Serializer) throws {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        let parts = calendar.dateComponents([.year, .month, .day, .hour, .minute, .second], from: time.date)
        let (year, month, day) = (parts.year ?? 0, parts.month ?? 0, parts.day ?? 0)
        let (hours, minutes, seconds) = (parts.hour ?? 0, parts.minute ?? 0, parts.second ?? 0)
        if year < 2050 {
            try serializer.serialize(UTCTime(year: year, month: month, day: day, hours: hours, minutes: minutes, seconds: seconds))
        } else {
            try serializer.serialize(
                GeneralizedTime(
                    year: year, month: month, day: day, hours: hours, minutes: minutes, seconds: seconds, fractionalSeconds: 0))
        }
    }
}
