// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel

/// Changes a document into one that nobody expects.
struct Mutation {
    var random: SeededRandom

    private static let oddities: [JSONValue] = [
        .null, true, false, 0, -1, 1, .integer(.max), .integer(.min), 1e308, 0.5, "", "x", .string(String(repeating: "x", count: 70_000)),
        "\u{0}", "\u{FFFD}\u{202E}", [], [:], [nil], ["": nil], .integer(1 << 31), .integer(1 << 32), "10", "-1", "../../etc/passwd",
    ]

    private static let deep: JSONValue = (0..<200).reduce(JSONValue.null) { value, _ in ["d": value] }

    /// One change at a place of its own.
    mutating func mutate(_ value: JSONValue) -> (value: JSONValue, what: String) {
        let places = Self.places(value, [])
        let place = places.randomElement(using: &random) ?? []
        let pointer = "/" + place.joined(separator: "/")
        switch Int.random(in: 0..<6, using: &random) {
        case 0 where !place.isEmpty:
            return (Self.replace(value, place[...]) { _ in nil } ?? .null, "without \(pointer)")
        case 1:
            return (Self.replace(value, place[...]) { _ in Self.deep } ?? .null, "with 200 levels at \(pointer)")
        default:
            let oddity = Self.oddities.randomElement(using: &random) ?? .null
            return (Self.replace(value, place[...]) { _ in oddity } ?? .null, "with \(Self.words(oddity)) at \(pointer)")
        }
    }

    /// Members that no version of the document has, everywhere.
    static func extended(_ value: JSONValue, depth: Int = 0) -> JSONValue {
        switch value {
        case .object(let members):
            var members = members.mapValues { extended($0, depth: depth + 1) }
            members["x-unknown-member"] = ["later": [1, "two", nil]]
            return .object(members)
        case .array(let items): return .array(items.map { extended($0, depth: depth + 1) })
        default: return value
        }
    }

    private static func places(_ value: JSONValue, _ path: [String]) -> [[String]] {
        switch value {
        case .object(let members):
            [path] + members.sorted { $0.key < $1.key }.flatMap { places($0.value, path + [$0.key]) }
        case .array(let items): [path] + items.enumerated().flatMap { places($0.element, path + [String($0.offset)]) }
        default: [path]
        }
    }

    private static func replace(_ value: JSONValue, _ path: ArraySlice<String>, _ change: (JSONValue) -> JSONValue?) -> JSONValue? {
        guard let name = path.first else { return change(value) }
        switch value {
        case .object(var members):
            members[name] = members[name].flatMap { replace($0, path.dropFirst(), change) }
            return .object(members)
        case .array(var items):
            guard let index = Int(name), items.indices.contains(index) else { return value }
            if let new = replace(items[index], path.dropFirst(), change) { items[index] = new } else { items.remove(at: index) }
            return .array(items)
        default: return value
        }
    }

    private static func words(_ value: JSONValue) -> String {
        let text = (try? CanonicalJSON.encode(value)).map { String(decoding: $0, as: UTF8.self) } ?? "?"
        return text.count > 40 ? "\(text.prefix(30))… (\(text.utf8.count) bytes)" : text
    }
}

extension JSONValue {
    /// For messages.
    var excerpt: String {
        (try? CanonicalJSON.encode(self)).map { WatchedServices.cut(String(decoding: $0, as: UTF8.self), 200) } ?? "?"
    }
}
