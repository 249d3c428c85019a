// SPDX-License-Identifier: Apache-2.0

/// An IPv4 address as a number.
struct IPv4Address: Hashable, Sendable, CustomStringConvertible {
    var value: UInt32

    init(value: UInt32) { self.value = value }

    init?(_ text: some StringProtocol) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        value = 0
        for part in parts {
            guard part.count <= 3, part.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let byte = UInt8(part) else { return nil }
            value = value << 8 | UInt32(byte)
        }
    }

    var description: String { [24, 16, 8, 0].map { String(value >> $0 & 255) }.joined(separator: ".") }
    static func + (address: Self, offset: UInt32) -> Self { Self(value: address.value &+ offset) }
}

/// `10.208.3.0/24`
struct IPv4Network: Hashable, Sendable {
    let base: IPv4Address
    let prefix: Int

    init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let base = IPv4Address(parts[0]), let prefix = Int(parts[1]), (8...30).contains(prefix) else { return nil }
        guard base.value & (UInt32.max >> UInt32(prefix)) == 0 else { return nil }
        self.base = base
        self.prefix = prefix
    }

    var gateway: IPv4Address { base + 1 }

    /// Whether a node may have the address: within the network, and neither its own, the gateway's nor the broadcast address.
    func canHold(_ address: IPv4Address) -> Bool {
        let offset = address.value &- base.value
        return offset >= 2 && offset < UInt32.max >> UInt32(prefix)
    }
}
