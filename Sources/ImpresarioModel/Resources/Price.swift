// SPDX-License-Identifier: Apache-2.0

/// An amount of money of whatever kind the installation counts in, exact to a millionth. In JSON a text such as `"0.02"`.
public struct Price: Hashable, Sendable, Comparable {
    public var millionths: Int64

    public init(millionths: Int64) { self.millionths = millionths }

    /// - Returns: nil for what is not digits with at most one point and six decimals, or is too large.
    public init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }),
            let whole = Int64(parts[0]), whole <= 1_000_000_000_000
        else { return nil }
        let decimals = parts.count == 2 ? String(parts[1]) : ""
        guard decimals.count <= 6, let fraction = Int64(decimals.padding(to: 6)) else { return nil }
        millionths = whole * 1_000_000 + fraction
    }

    public static func < (left: Price, right: Price) -> Bool { left.millionths < right.millionths }

    /// Nil when it is more than can be counted.
    public func adding(_ other: Price) -> Price? {
        let (sum, overflow) = millionths.addingReportingOverflow(other.millionths)
        return overflow ? nil : Price(millionths: sum)
    }

    /// Nil when it is more than can be counted.
    public func multiplied(by factor: Int64) -> Price? {
        let (product, overflow) = millionths.multipliedReportingOverflow(by: factor)
        return overflow ? nil : Price(millionths: product)
    }
}

extension Price: CustomStringConvertible {
    public var description: String {
        let (whole, fraction) = millionths.quotientAndRemainder(dividingBy: 1_000_000)
        if fraction == 0 { return String(whole) }
        var digits = String(String(fraction + 1_000_000).dropFirst())
        while digits.hasSuffix("0") { digits.removeLast() }
        return "\(whole).\(digits)"
    }
}

extension Price: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let price = Price(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "A price is a text of digits with at most one point and six decimals, such as \"0.02\"")
        }
        self = price
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

extension String {
    fileprivate func padding(to count: Int) -> String { self + String(repeating: "0", count: Swift.max(0, count - self.count)) }
}
