// SPDX-License-Identifier: Apache-2.0

/// How long something is valid: whole seconds in JSON, or a text such as `90s`, `30m`, `12h` or `7d`.
public struct TimeToLive: Hashable, Sendable, Codable {
    /// At least 1.
    public let seconds: Int64
    /// A hundred years; beyond it a moment does not fit what clients can show.
    public static let limit: Int64 = 100 * 365 * 86_400

    /// - Returns: nil unless within 1 second and ``limit``.
    public init?(seconds: Int64) {
        guard (1...Self.limit).contains(seconds) else { return nil }
        self.seconds = seconds
    }

    /// - Returns: nil for what is not digits and one unit of `s`, `m`, `h`, `d`; without a unit it is seconds.
    public init?(_ text: String) {
        let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
        var digits = Substring(text)
        var unit: Int64 = 1
        if let last = digits.last, let known = units[last] {
            unit = known
            digits = digits.dropLast()
        }
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let count = Int64(digits) else { return nil }
        let (seconds, overflow) = count.multipliedReportingOverflow(by: unit)
        guard !overflow else { return nil }
        self.init(seconds: seconds)
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let value = try container.decode(JSONValue.self)
        let read: TimeToLive? =
            switch value {
            case .integer(let seconds): TimeToLive(seconds: seconds)
            case .string(let text): TimeToLive(text)
            default: nil
            }
        guard let read else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "A time to live is whole seconds or a text such as 30m, 12h or 7d, at most a hundred years"
            )
        }
        self = read
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(seconds)
    }

    public var duration: Duration { .seconds(seconds) }
}
