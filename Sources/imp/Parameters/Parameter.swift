// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioModel

/// Something a person can set by a flag: a parameter of a cluster type or of one of its operations.
struct Parameter: Hashable, Sendable {
    indirect enum Kind: Hashable, Sendable {
        case string, integer, number, boolean
        /// A whole number from 0 on; text in JSON where 64 bits with a sign do not hold it.
        case unsigned
        /// A node's name or id.
        case node
        /// `90s`, `1h30m`, in JSON too.
        case duration
        /// Base 64 in JSON; on the command line text, or `@file`.
        case bytes
        /// Any JSON, or `@file`.
        case document
        /// A flag that may be repeated.
        case list(Kind)

        /// For help: `<integer>`.
        var word: String {
            switch self {
            case .string: "text"
            case .integer, .unsigned: "integer"
            case .node: "node"
            case .number: "number"
            case .boolean: "true|false"
            case .duration: "duration"
            case .bytes: "text|@file"
            case .document: "json|@file"
            case .list(let element): element.word
            }
        }
    }

    /// Without dashes: `address-pool`.
    var flag: String
    /// Where its value goes in the document of parameters.
    var path: [String]
    var kind: Kind
    var summary: String
    var defaultValue: JSONValue?
    var choices: [JSONValue] = []
    /// Such as `1 to 50`.
    var bounds: String?
    var isRequired = false
    /// Its value may be written as `@file`, to keep it off the command line.
    var isSecret = false

    /// `addressPool`, `address_pool` and `address-pool` are all `address-pool`.
    static func flag(for path: [String]) -> String {
        path.map { name in
            var result = ""
            for character in name {
                if character.isUppercase {
                    if let last = result.last, last != "-" { result += "-" }
                    result += character.lowercased()
                } else {
                    result.append(character == "_" ? "-" : character)
                }
            }
            return result
        }.joined(separator: ".")
    }

    /// What a person wrote, as JSON.
    ///
    /// - Parameter read: the content of a file named by `@path`.
    /// - Throws: ``Problem`` `invalid-usage` naming the flag.
    func value(from text: String, read: (String) throws -> Data) throws(Problem) -> JSONValue {
        switch kind {
        case .list(let element): try Self.value(text, element, isSecret: isSecret, flag: flag, read: read)
        default: try Self.value(text, kind, isSecret: isSecret, flag: flag, read: read)
        }
    }

    private static func value(
        _ text: String, _ kind: Kind, isSecret: Bool, flag: String, read: (String) throws -> Data
    ) throws(Problem) -> JSONValue {
        func refuse(_ expected: String) -> Problem {
            Problem(.invalidUsage, "--\(flag) expects \(expected), not '\(isSecret ? "…" : String(text.prefix(80)))'.", field: "--\(flag)")
        }
        func content() throws(Problem) -> Data {
            guard text.hasPrefix("@") else { return Data(text.utf8) }
            do { return try read(String(text.dropFirst())) } catch {
                throw Problem(.invalidUsage, "The file of --\(flag) cannot be read: \(text.dropFirst())", field: "--\(flag)")
            }
        }
        switch kind {
        case .string:
            guard isSecret else { return .string(text) }
            let line = String(decoding: try content(), as: UTF8.self)
            return .string(text.hasPrefix("@") && line.hasSuffix("\n") ? String(line.dropLast()) : line)
        case .node:
            guard !text.isEmpty else { throw refuse("a node's name or id") }
            return .string(text)
        case .unsigned:
            guard let value = UInt64(text) else { throw refuse("a whole number from 0 on") }
            return Int64(exactly: value).map(JSONValue.integer) ?? .string(String(value))
        case .integer:
            guard let value = Int64(text) else { throw refuse("a whole number") }
            return .integer(value)
        case .number:
            guard let value = Double(text), value.isFinite else { throw refuse("a number") }
            return Int64(text).map(JSONValue.integer) ?? .number(value)
        case .boolean:
            guard let value = Bool(text) else { throw refuse("true or false") }
            return .bool(value)
        case .duration:
            guard text.wholeMatch(of: /-?([0-9]+(h|m|s|ms|us|ns))+/) != nil else {
                throw refuse("a duration such as 500ms, 90s, 30m or 1h30m")
            }
            return .string(text)
        case .bytes: return .string(try content().base64EncodedString())
        case .document:
            let bytes = try content()
            guard let value: JSONValue = try? CanonicalJSON.decode(from: bytes) else { throw refuse("a JSON document") }
            return value
        case .list: throw refuse("a single value")
        }
    }
}
