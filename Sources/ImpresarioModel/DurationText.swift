// SPDX-License-Identifier: Apache-2.0

/// Spans of time as people write them: `90s`, `12h`, `1h30m`, `7d`, `500ms`.
public enum DurationText {
    public static let rule = "whole numbers with a unit, the longest first, such as 500ms, 90s, 1h30m or 7d"

    private static let units: [(name: String, milliseconds: Int64)] = [
        ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1),
    ]

    /// - Throws: ``Problem`` `invalid-parameters` that quotes the text and states the rule.
    public static func parse(_ text: String, field: String? = nil) throws(Problem) -> Duration {
        guard let milliseconds = milliseconds(text) else {
            throw Problem(.invalidParameters, "'\(text.prefix(40))' is not a duration: \(rule).", field: field)
        }
        return .milliseconds(milliseconds)
    }

    private static func milliseconds(_ text: String) -> Int64? {
        var rest = Substring(text).utf8
        var remaining = units[...]
        var total: Int64 = 0
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty {
            let digits = rest.prefix { (0x30...0x39).contains($0) }
            rest = rest[digits.endIndex...]
            let name = rest.prefix { (0x61...0x7a).contains($0) }
            rest = rest[name.endIndex...]
            guard let amount = Int64(Substring(digits)),
                let index = remaining.firstIndex(where: { $0.name == String(Substring(name)) })
            else { return nil }
            let (part, tooLarge) = amount.multipliedReportingOverflow(by: units[index].milliseconds)
            let (sum, overflow) = total.addingReportingOverflow(part)
            if tooLarge || overflow { return nil }
            total = sum
            remaining = units[(index + 1)...]
        }
        return total
    }

    /// The text that ``parse(_:field:)`` reads back, such as `1h30m`.
    public static func format(seconds: Int64) -> String {
        var rest = seconds * 1000
        var text = ""
        for unit in units where rest >= unit.milliseconds {
            text += "\(rest / unit.milliseconds)\(unit.name)"
            rest %= unit.milliseconds
        }
        return text.isEmpty ? "0s" : text
    }
}
