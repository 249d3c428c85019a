// SPDX-License-Identifier: Apache-2.0

/// Amounts as people write them: `500m`, `4Gi`, `1.5`, `2k`.
///
/// A quantity is held as a whole number of the resource's base unit: millicores for `cpu`, bytes for `memory` and `disk`, pieces for
/// everything else. What cannot be held exactly is refused rather than rounded.
public enum Quantity {
    private static let suffixes: [(text: String, thousandths: Int64)] = [
        ("Ki", 1000 << 10), ("Mi", 1000 << 20), ("Gi", 1000 << 30), ("Ti", 1000 << 40), ("Pi", 1000 << 50),
        ("m", 1), ("k", 1_000_000), ("M", 1_000_000_000), ("G", 1_000_000_000_000), ("T", 1_000_000_000_000_000),
        ("P", 1_000_000_000_000_000_000),
    ]

    /// Reads a quantity into base units of `key`.
    ///
    /// - Throws: ``Problem`` `invalid-quantity`, naming the text and what would do, for anything that is not a quantity, is negative,
    ///   does not fit 63 bits, or is finer than the base unit.
    public static func parse(_ text: String, of key: String, field: String? = nil) throws(Problem) -> Int64 {
        func refuse(_ why: String) -> Problem {
            Problem(
                .invalidQuantity, "'\(text.prefix(40))' is not an amount of \(key): \(why).", field: field,
                remedy: "Write it like 500m, 2, 512Mi or 4Gi.")
        }
        var digits = Substring(text)
        var unit: Int64 = 1000
        if let suffix = suffixes.first(where: { text.hasSuffix($0.text) }) {
            digits = digits.dropLast(suffix.text.count)
            unit = suffix.thousandths
        }
        if digits.hasPrefix("-") { throw refuse("it is negative") }
        let parts = digits.split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } })
        else { throw refuse("digits, at most one point and a unit are expected") }
        guard let whole = Int64(parts[0]) else { throw refuse("it is too large") }

        // In thousandths of a piece, so that `m` and decimals are exact.
        var (thousandths, overflow) = whole.multipliedReportingOverflow(by: unit)
        if parts.count == 2 {
            var scale = unit
            for digit in parts[1].utf8 {
                let (next, rest) = scale.quotientAndRemainder(dividingBy: 10)
                let value = Int64(digit - 0x30)
                if value != 0 && rest != 0 { throw refuse("it is finer than the smallest unit") }
                scale = next
                let (sum, carried) = thousandths.addingReportingOverflow(value * scale)
                (thousandths, overflow) = (sum, overflow || carried)
            }
        }
        if overflow {
            // Large byte counts overflow in thousandths only; whole units are tried without them.
            guard parts.count == 1, unit % 1000 == 0, key != ResourceVector.cpu else { throw refuse("it is too large") }
            let (pieces, tooLarge) = whole.multipliedReportingOverflow(by: unit / 1000)
            if tooLarge { throw refuse("it is too large") }
            return pieces
        }
        if key == ResourceVector.cpu { return thousandths }
        guard thousandths % 1000 == 0 else { throw refuse("it is finer than the smallest unit") }
        return thousandths / 1000
    }

    /// The shortest text that ``parse(_:of:field:)`` reads back as the same value.
    public static func format(_ value: Int64, of key: String) -> String {
        switch key {
        case ResourceVector.cpu:
            return value % 1000 == 0 ? String(value / 1000) : "\(value)m"
        case ResourceVector.memory, ResourceVector.disk:
            for (suffix, shift) in [("Pi", 50), ("Ti", 40), ("Gi", 30), ("Mi", 20), ("Ki", 10)] as [(String, Int64)] {
                if value != 0, value % (1 << shift) == 0 { return "\(value >> shift)\(suffix)" }
            }
            return String(value)
        default:
            return String(value)
        }
    }
}

extension Quantity {
    /// An object of quantities, as vectors and limits stand in JSON.
    static func amounts(from decoder: any Decoder) throws -> [String: Int64] {
        let container = try decoder.singleValueContainer()
        let place = decoder.codingPath.map { "/" + ($0.intValue.map(String.init) ?? $0.stringValue) }.joined()
        var amounts: [String: Int64] = [:]
        for (key, value) in try container.decode([String: JSONValue].self) {
            let text: String
            switch value {
            case .string(let string): text = string
            case .integer(let integer): text = String(integer)
            default:
                throw Problem(.invalidQuantity, "The amount of \(key) is neither text nor a whole number.", field: "\(place)/\(key)")
            }
            amounts[key] = try parse(text, of: key, field: "\(place)/\(key)")
        }
        return amounts
    }

    static func encode(_ amounts: [String: Int64], to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(Dictionary(uniqueKeysWithValues: amounts.map { ($0.key, format($0.value, of: $0.key)) }))
    }
}
