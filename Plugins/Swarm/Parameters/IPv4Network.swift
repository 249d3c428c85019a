// SPDX-License-Identifier: Apache-2.0

/// `10.16.0.0/12`: an address and how many of its bits are fixed.
struct IPv4Network: Hashable, Sendable {
    var base: UInt32
    var prefix: Int

    /// Nil for anything but four numbers, a prefix length of 1 ... 30 and no bits set behind it.
    init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let prefix = Int(parts[1]), (1...30).contains(prefix), let base = Self.address(parts[0]) else { return nil }
        self.base = base
        self.prefix = prefix
        guard base & ~mask == 0 else { return nil }
    }

    private var mask: UInt32 { ~UInt32(0) << UInt32(32 - prefix) }

    /// Whether they have an address in common.
    func overlaps(_ other: IPv4Network) -> Bool {
        let common = mask & other.mask
        return base & common == other.base & common
    }

    /// Nil for anything but four numbers of 0 ... 255.
    static func address(_ text: some StringProtocol) -> UInt32? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var value: UInt32 = 0
        for part in parts {
            guard let byte = UInt8(part), part.first?.isNumber == true else { return nil }
            value = value << 8 | UInt32(byte)
        }
        return value
    }
}
