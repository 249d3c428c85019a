// SPDX-License-Identifier: Apache-2.0

/// An opaque name the broker gives to a record: sortable by time of creation, never reused, a DNS label.
///
/// The phantom type keeps a project's id from being passed where a cluster's is wanted.
public struct ID<Entity>: Hashable, Sendable, Codable, CustomStringConvertible, Comparable {
    public let rawValue: String

    public init(_ rawValue: String) { self.rawValue = rawValue }

    public init(from decoder: any Decoder) throws { rawValue = try decoder.singleValueContainer().decode(String.self) }
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue)
    }

    public var description: String { rawValue }
    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// Draws ids: 48 bits of milliseconds and 64 random bits in lower-case Crockford base 32 (23 characters), behind a letter so that the
/// result is a DNS label. Clock and randomness are parameters so that tests and simulations repeat.
public struct IdentifierSource: Sendable {
    private let now: @Sendable () -> Timestamp
    private let random: @Sendable () -> UInt64

    public init(
        now: @escaping @Sendable () -> Timestamp = Timestamp.now,
        random: @escaping @Sendable () -> UInt64 = { UInt64.random(in: .min ... .max) }
    ) {
        self.now = now
        self.random = random
    }

    /// - Parameter prefix: one lower-case letter that tells a reader what the id is of: `c` cluster, `n` node, `o` operation.
    public func draw<Entity>(_ type: Entity.Type = Entity.self, prefix: Character) -> ID<Entity> {
        let time = UInt64(clamping: now().milliseconds)
        let noise = random()
        return ID(String(prefix) + Self.encode(time, digits: 10) + Self.encode(noise, digits: 13))
    }

    private static let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz")

    private static func encode(_ value: UInt64, digits: Int) -> String {
        String((0..<digits).reversed().map { alphabet[Int((value >> (5 * UInt64($0))) & 31)] })
    }
}
