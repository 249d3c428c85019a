// SPDX-License-Identifier: Apache-2.0

/// Something that the host sees to before a plugin is asked. What a rule cannot say, ``ClusterType/validate(_:)`` checks.
public struct ParameterRule: Sendable {
    /// Text forms that the host knows.
    public enum Format: String, Sendable {
        /// Four numbers with dots.
        case ipv4
        /// An IPv4 network with nothing set behind its prefix.
        case cidr
        /// Labels with dots.
        case hostname
        /// a-z, 0-9 and -, at most 63.
        case dnsLabel = "dns-label"
        /// `500m`, `4Gi`.
        case quantity
        /// `90s`, `1h30m`.
        case duration
        /// RFC 3339.
        case dateTime = "date-time"
    }

    private let keywords: [String: JSONValue]
    private var elements: [ParameterRule] = []

    private init(_ keywords: [String: JSONValue]) { self.keywords = keywords }

    /// A whole number within bounds.
    public static func range(_ range: ClosedRange<Int>) -> Self {
        Self(["minimum": .integer(Int64(range.lowerBound)), "maximum": .integer(Int64(range.upperBound))])
    }

    /// A number from this one on.
    public static func atLeast(_ least: Double) -> Self { Self(["minimum": number(least)]) }

    /// A number up to this one.
    public static func atMost(_ most: Double) -> Self { Self(["maximum": number(most)]) }

    /// A text that the pattern matches somewhere: ECMAScript without look-around and back references.
    public static func pattern(_ pattern: String) -> Self { Self(["pattern": .string(pattern)]) }

    /// A text of a form that the host knows.
    public static func format(_ format: Format) -> Self { Self(["format": .string(format.rawValue)]) }

    /// How many characters a text has.
    public static func length(_ range: ClosedRange<Int>) -> Self {
        Self(["minLength": .integer(Int64(range.lowerBound)), "maxLength": .integer(Int64(range.upperBound))])
    }

    /// How many elements an array has.
    public static func count(_ range: ClosedRange<Int>) -> Self {
        Self(["minItems": .integer(Int64(range.lowerBound)), "maxItems": .integer(Int64(range.upperBound))])
    }

    /// No element twice.
    public static var unique: Self { Self(["uniqueItems": true]) }

    /// One of these values.
    public static func choices(_ values: JSONValue...) -> Self { Self(["enum": .array(values)]) }

    /// Not quoted in messages; the command line reads it from a file.
    public static var secret: Self { Self(["writeOnly": true]) }

    /// Rules of the elements of an array.
    public static func each(_ rules: ParameterRule...) -> Self {
        var rule = Self([:])
        rule.elements = rules
        return rule
    }

    func apply(to schema: inout [String: JSONValue]) {
        schema.merge(keywords) { $1 }
        guard !elements.isEmpty else { return }
        var items = schema["items"]?.object ?? [:]
        for rule in elements { rule.apply(to: &items) }
        schema["items"] = .object(items)
    }

    /// Whole numbers without a fraction, as people write them.
    private static func number(_ value: Double) -> JSONValue { Int64(exactly: value).map(JSONValue.integer) ?? .number(value) }
}
