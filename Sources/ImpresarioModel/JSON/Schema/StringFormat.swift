// SPDX-License-Identifier: Apache-2.0

/// The formats that are checked, not merely noted.
enum StringFormat: String, CaseIterable, Sendable {
    case ipv4, cidr, hostname, dnsLabel = "dns-label", quantity, duration, dateTime = "date-time"

    /// What a text of this format is, for messages.
    var rule: String {
        switch self {
        case .ipv4: "an IPv4 address such as 10.20.0.1"
        case .cidr: "an IPv4 network such as 10.20.0.0/16, with nothing set behind its prefix"
        case .hostname: "a host name such as registry.example.org"
        case .dnsLabel: Name.rule
        case .quantity: "an amount such as 500m, 2, 512Mi or 4Gi"
        case .duration: DurationText.rule
        case .dateTime: "a time such as 2026-01-31T12:00:00Z"
        }
    }

    func matches(_ text: String) -> Bool {
        switch self {
        case .ipv4: return Self.address(text[...]) != nil
        case .cidr:
            let parts = text.split(separator: "/", omittingEmptySubsequences: false)
            guard parts.count == 2, let address = Self.address(parts[0]), let length = Self.decimal(parts[1], upTo: 32) else {
                return false
            }
            return length == 32 || address & (UInt32.max >> length) == 0
        case .hostname:
            let labels = text.split(separator: ".", omittingEmptySubsequences: false)
            return text.utf8.count <= 253 && labels.allSatisfy { Name.isValid($0.lowercased()) }
        case .dnsLabel: return Name.isValid(text)
        case .quantity:
            // Either bound may be the wider one: millicores are finer, bytes reach further.
            let isAmount = (try? Quantity.parse(text, of: ResourceVector.cpu)) ?? (try? Quantity.parse(text, of: ResourceVector.memory))
            return isAmount != nil
        case .duration: return (try? DurationText.parse(text)) != nil
        case .dateTime: return Timestamp(text) != nil
        }
    }

    private static func address(_ text: Substring) -> UInt32? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var address: UInt32 = 0
        for part in parts {
            guard let octet = decimal(part, upTo: 255) else { return nil }
            address = address << 8 | octet
        }
        return address
    }

    /// Without sign or leading zeros, which some read as octal.
    private static func decimal(_ text: Substring, upTo limit: UInt32) -> UInt32? {
        guard (1...3).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), text == "0" || text.first != "0",
            let value = UInt32(text), value <= limit
        else { return nil }
        return value
    }
}
