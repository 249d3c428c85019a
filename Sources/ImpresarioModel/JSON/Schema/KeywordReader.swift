// SPDX-License-Identifier: Apache-2.0

/// A keyword's value, in the kind that the keyword takes.
struct KeywordReader {
    let keyword: String
    let value: JSONValue
    let pointer: String

    private static let knownTypes: Set = ["null", "boolean", "integer", "number", "string", "array", "object"]

    func refusal(_ expected: String) -> Problem {
        SchemaCompiler.invalid("'\(keyword)' is \(value.excerpt), expected is \(expected)", at: pointer)
    }

    func number() throws(Problem) -> JSONValue {
        guard value.double != nil else { throw refusal("a number") }
        return value
    }

    func count() throws(Problem) -> Int {
        guard let count = value.integer, count >= 0 else { throw refusal("a whole number, 0 or more") }
        return Int(count)
    }

    func bool() throws(Problem) -> Bool {
        guard let bool = value.bool else { throw refusal("true or false") }
        return bool
    }

    func string() throws(Problem) -> String {
        guard let string = value.string else { throw refusal("a string") }
        return string
    }

    func array() throws(Problem) -> [JSONValue] {
        guard let array = value.array else { throw refusal("an array") }
        return array
    }

    func object() throws(Problem) -> [String: JSONValue] {
        guard let object = value.object else { throw refusal("an object") }
        return object
    }

    func strings() throws(Problem) -> [String] {
        let strings = try array().compactMap(\.string)
        guard strings.count == value.array?.count else { throw refusal("an array of strings") }
        return strings
    }

    func types() throws(Problem) -> [String] {
        let types = value.string.map { [$0] } ?? value.array?.compactMap(\.string) ?? []
        guard !types.isEmpty, types.count == value.array?.count ?? 1, types.allSatisfy(Self.knownTypes.contains) else {
            throw refusal("one or more of " + Self.knownTypes.sorted().joined(separator: ", "))
        }
        return types
    }
}
