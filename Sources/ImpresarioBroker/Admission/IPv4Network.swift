// SPDX-License-Identifier: Apache-2.0

/// A network such as `10.208.3.0/24`. Its first address is the gateway's, its last the broadcast address.
struct IPv4Network: Hashable, Sendable, CustomStringConvertible {
    let base: UInt32
    let prefix: Int

    init(base: UInt32, prefix: Int) {
        self.base = base & Self.mask(prefix)
        self.prefix = prefix
    }

    /// Nil for anything but four numbers, a slash and a prefix length.
    init?(_ text: String) {
        let halves = text.split(separator: "/", omittingEmptySubsequences: false)
        guard halves.count == 2, let prefix = Int(halves[1]), (0...32).contains(prefix) else { return nil }
        let numbers = halves[0].split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
        guard numbers.count == 4, numbers.allSatisfy({ $0 != nil }) else { return nil }
        self.init(base: numbers.reduce(0) { $0 << 8 | UInt32($1 ?? 0) }, prefix: prefix)
    }

    var description: String { "\(Self.text(base))/\(prefix)" }

    /// In order, without making them all.
    func subnets(prefix: Int) -> some Sequence<IPv4Network> {
        let count = prefix < self.prefix ? 0 : UInt64(1) << UInt64(prefix - self.prefix)
        return (0..<count).lazy.map { IPv4Network(base: base + UInt32($0 << UInt64(32 - prefix)), prefix: prefix) }
    }

    /// What nodes can be given: all but the network's own, the gateway's and the broadcast address.
    var nodeAddresses: some Sequence<String> {
        let size = UInt64(1) << UInt64(32 - prefix)
        return (2..<max(2, size - 1)).lazy.map { Self.text(base + UInt32($0)) }
    }

    private static func mask(_ prefix: Int) -> UInt32 { prefix == 0 ? 0 : ~UInt32(0) << UInt32(32 - prefix) }
    private static func text(_ address: UInt32) -> String {
        "\(address >> 24).\(address >> 16 & 255).\(address >> 8 & 255).\(address & 255)"
    }
}
