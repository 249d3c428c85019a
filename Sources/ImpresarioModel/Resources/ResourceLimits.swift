// SPDX-License-Identifier: Apache-2.0

/// How much may be used, by key, in the base units of ``ResourceVector``. A key that is absent is not limited; a limit of zero allows nothing.
public struct ResourceLimits: Hashable, Sendable {
    public private(set) var amounts: [String: Int64]

    public init(_ amounts: [String: Int64] = [:]) { self.amounts = amounts }

    /// Nil: no limit.
    public subscript(_ key: String) -> Int64? {
        get { amounts[key] }
        set { amounts[key] = newValue }
    }

    public var keys: [String] { amounts.keys.sorted() }
    public var isEmpty: Bool { amounts.isEmpty }

    /// The keys of which more is used than these limits allow.
    public func keysExceeded(by used: ResourceVector) -> [String] { keys.filter { used[$0] > amounts[$0] ?? .max } }
}

extension ResourceLimits: Codable {
    public init(from decoder: any Decoder) throws { amounts = try Quantity.amounts(from: decoder) }

    public func encode(to encoder: any Encoder) throws { try Quantity.encode(amounts, to: encoder) }
}

extension ResourceLimits: ExpressibleByDictionaryLiteral {
    public init(dictionaryLiteral elements: (String, Int64)...) {
        self.init(Dictionary(elements, uniquingKeysWith: { _, last in last }))
    }
}

extension ResourceLimits: CustomStringConvertible {
    public var description: String { keys.map { "\($0)=\(Quantity.format(amounts[$0] ?? 0, of: $0))" }.joined(separator: " ") }
}
