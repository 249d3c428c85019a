// SPDX-License-Identifier: Apache-2.0

public import FoundationEssentials

/// A moment in whole milliseconds since 1970-01-01 UTC; in JSON an RFC 3339 text such as `2026-01-31T12:00:00.250Z`.
public struct Timestamp: Hashable, Sendable, Comparable, Codable, CustomStringConvertible {
    public let milliseconds: Int64

    public init(milliseconds: Int64) { self.milliseconds = milliseconds }

    /// The wall clock. Pass a clock of your own where time matters to a decision.
    public static func now() -> Timestamp {
        Timestamp(milliseconds: Int64((Date().timeIntervalSince1970 * 1000).rounded(.down)))
    }

    private static let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)

    /// Nil for what is no RFC 3339 text.
    public init?(_ text: String) {
        // Almost always it is one of our own, and there are many of them in a record.
        if let own = Calendar.parse(text) {
            self = own
            return
        }
        guard let date = (try? Self.style.parse(text)) ?? (try? Date.ISO8601FormatStyle().parse(text)) else { return nil }
        milliseconds = Int64((date.timeIntervalSince1970 * 1000).rounded())
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let timestamp = Timestamp(text) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "'\(text)' is not a time such as 2026-01-31T12:00:00Z")
        }
        self = timestamp
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }

    public var date: Date { Date(timeIntervalSince1970: Double(milliseconds) / 1000) }
    public var description: String { Calendar.format(self) }

    public static func < (left: Self, right: Self) -> Bool { left.milliseconds < right.milliseconds }
    public static func + (left: Self, right: Duration) -> Timestamp {
        Timestamp(milliseconds: left.milliseconds + right.milliseconds)
    }
    public static func - (left: Self, right: Self) -> Duration { .milliseconds(left.milliseconds - right.milliseconds) }
}

extension Duration {
    /// Whole milliseconds, rounded towards zero.
    public var milliseconds: Int64 {
        components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
    }
}

/// The proleptic Gregorian calendar in UTC, for the one form that is written here.
private enum Calendar {
    private static let template = Array("0000-00-00T00:00:00.000Z".utf8)
    private static let places = [(0, 4), (5, 2), (8, 2), (11, 2), (14, 2), (17, 2), (20, 3)]

    static func format(_ time: Timestamp) -> String {
        let days = time.milliseconds.flooringDivision(by: 86_400_000)
        let rest = time.milliseconds - days * 86_400_000
        let (year, month, day) = civil(days)
        guard (0...9999).contains(year) else { return Date.ISO8601FormatStyle(includingFractionalSeconds: true).format(time.date) }
        var text = template
        let parts = [year, month, day, rest / 3_600_000, rest / 60_000 % 60, rest / 1000 % 60, rest % 1000]
        for ((place, digits), part) in zip(places, parts) {
            var part = part
            for index in (place..<(place + digits)).reversed() {
                text[index] = UInt8(ascii: "0") + UInt8(part % 10)
                part /= 10
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Nil for any other form, and for what is no date.
    static func parse(_ text: String) -> Timestamp? {
        var text = text
        return text.withUTF8 { bytes in
            guard bytes.count == template.count else { return nil }
            var parts: [Int64] = []
            for (place, digits) in places {
                var part: Int64 = 0
                for index in place..<(place + digits) {
                    guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[index]) else { return nil }
                    part = part * 10 + Int64(bytes[index] - UInt8(ascii: "0"))
                }
                parts.append(part)
            }
            for index in [4, 7, 10, 13, 16, 19, 23] where bytes[index] != template[index] { return nil }
            let (year, month, day) = (parts[0], parts[1], parts[2])
            guard (1...12).contains(month), (1...31).contains(day), parts[3] < 24, parts[4] < 60, parts[5] < 60 else { return nil }
            let days = days(year, month, day)
            guard civil(days) == (year, month, day) else { return nil }
            return Timestamp(milliseconds: days * 86_400_000 + parts[3] * 3_600_000 + parts[4] * 60_000 + parts[5] * 1000 + parts[6])
        }
    }

    // https://howardhinnant.github.io/date_algorithms.html: eras of 400 years that begin in March.

    private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let year = month <= 2 ? year - 1 : year
        let era = year.flooringDivision(by: 400)
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func civil(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let days = days + 719_468
        let era = days.flooringDivision(by: 146_097)
        let dayOfEra = days - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
    }
}

extension Int64 {
    fileprivate func flooringDivision(by divisor: Int64) -> Int64 {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}
