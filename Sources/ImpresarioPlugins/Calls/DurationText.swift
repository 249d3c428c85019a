// SPDX-License-Identifier: Apache-2.0

/// Durations as people write them: `1h30m`, `250ms`, `-2s`. In nanoseconds.
enum DurationText {
    private static let units: [(name: String, nanoseconds: Int64)] = [
        ("h", 3_600_000_000_000), ("m", 60_000_000_000), ("s", 1_000_000_000), ("ms", 1_000_000), ("us", 1000), ("ns", 1),
    ]

    /// Nil for text that is no duration or passes 64 bits (292 years).
    static func parse(_ text: String) -> Int64? {
        var rest = Substring(text)
        let isNegative = rest.first == "-"
        if isNegative { rest.removeFirst() }
        guard !rest.isEmpty else { return nil }
        var sum: Int64 = 0
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            rest = rest.dropFirst(digits.count)
            let name = rest.prefix { $0.isASCII && $0.isLetter }
            rest = rest.dropFirst(name.count)
            guard let count = Int64(digits), let unit = units.first(where: { $0.name == name }) else { return nil }
            let (part, isTooLong) = count.multipliedReportingOverflow(by: unit.nanoseconds)
            let (next, isTooMuch) = sum.addingReportingOverflow(part)
            if isTooLong || isTooMuch { return nil }
            sum = next
        }
        return isNegative ? -sum : sum
    }

    static func seconds(_ count: Int64) -> Int64? {
        let (nanoseconds, isTooLong) = count.multipliedReportingOverflow(by: 1_000_000_000)
        return isTooLong ? nil : nanoseconds
    }

    static func format(_ nanoseconds: Int64) -> String {
        guard nanoseconds != 0 else { return "0s" }
        var rest = nanoseconds.magnitude
        var text = nanoseconds < 0 ? "-" : ""
        for unit in units {
            let count = rest / unit.nanoseconds.magnitude
            rest %= unit.nanoseconds.magnitude
            if count > 0 { text += "\(count)\(unit.name)" }
        }
        return text
    }
}
