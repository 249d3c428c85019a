// SPDX-License-Identifier: Apache-2.0

/// Named amounts in base units: `cpu` in millicores, `memory` and `disk` in bytes, `node`, `cluster`, `cluster.<type>` and whatever
/// keys an admin invents in pieces. A key that is absent counts as zero. In JSON an object of quantities: `{"cpu":"500m","memory":"1Gi"}`.
public struct ResourceVector: Hashable, Sendable {
    public static let cpu = "cpu"
    public static let memory = "memory"
    public static let disk = "disk"
    public static let node = "node"
    public static let cluster = "cluster"
    /// The key that counts clusters of one type.
    public static func cluster(ofType type: String) -> String { "cluster.\(type)" }

    /// Base units by key; holds no zeros.
    public private(set) var amounts: [String: Int64]

    public init(_ amounts: [String: Int64] = [:]) { self.amounts = amounts.filter { $0.value != 0 } }

    public subscript(_ key: String) -> Int64 {
        get { amounts[key] ?? 0 }
        set { amounts[key] = newValue == 0 ? nil : newValue }
    }

    public var keys: [String] { amounts.keys.sorted() }
    public var isEmpty: Bool { amounts.isEmpty }

    /// - Throws: ``Problem`` `invalid-quantity` when a sum leaves 63 bits.
    public func adding(_ other: ResourceVector) throws(Problem) -> ResourceVector {
        var sum = self
        for (key, amount) in other.amounts {
            let (value, overflow) = sum[key].addingReportingOverflow(amount)
            guard !overflow else { throw Self.overflow(key) }
            sum[key] = value
        }
        return sum
    }

    /// - Throws: ``Problem`` `invalid-quantity` when a product leaves 63 bits.
    public func multiplied(by count: Int) throws(Problem) -> ResourceVector {
        var product = ResourceVector()
        for (key, amount) in amounts {
            let (value, overflow) = amount.multipliedReportingOverflow(by: Int64(count))
            guard !overflow else { throw Self.overflow(key) }
            product[key] = value
        }
        return product
    }

    /// Differences may be negative: what is free on an overbooked host, say.
    public func subtracting(_ other: ResourceVector) -> ResourceVector {
        var rest = self
        for (key, amount) in other.amounts { rest[key] = rest[key].subtractingReportingOverflow(amount).partialValue }
        return rest
    }

    /// The keys of `self` of which `capacity` has less.
    public func keysExceeding(_ capacity: ResourceVector) -> [String] { keys.filter { self[$0] > capacity[$0] } }

    private static func overflow(_ key: String) -> Problem {
        Problem(.invalidQuantity, "The sum of \(key) is too large to be counted.")
    }
}

extension ResourceVector: Codable {
    public init(from decoder: any Decoder) throws {
        self.init(try Quantity.amounts(from: decoder))
    }

    public func encode(to encoder: any Encoder) throws { try Quantity.encode(amounts, to: encoder) }
}

extension ResourceVector: ExpressibleByDictionaryLiteral {
    public init(dictionaryLiteral elements: (String, Int64)...) {
        self.init(Dictionary(elements, uniquingKeysWith: { _, last in last }))
    }
}

extension ResourceVector: CustomStringConvertible {
    public var description: String { keys.map { "\($0)=\(Quantity.format(self[$0], of: $0))" }.joined(separator: " ") }
}
