// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioModel
import Yams

/// JSON values as YAML, by the rules of YAML 1.2's core schema: `yes` is a text, `"3"` is a text, `3` is a number.
enum YAML {
    /// - Throws: ``Problem`` `invalid-usage` that names `source`.
    static func read(_ text: String, source: String) throws(Problem) -> JSONValue {
        do {
            return try compose(yaml: text).map { value($0) } ?? .null
        } catch {
            throw Problem(.invalidUsage, "\(source) is not YAML or JSON: \(error).")
        }
    }

    private static func value(_ node: Yams.Node) -> JSONValue {
        switch node {
        case .mapping(let mapping):
            .object(Dictionary(mapping.map { ($0.key.scalar?.string ?? "", value($0.value)) }, uniquingKeysWith: { _, last in last }))
        case .sequence(let sequence): .array(sequence.map(value))
        case .scalar(let scalar): scalar.style == .plain || scalar.style == .any ? plain(scalar.string) : .string(scalar.string)
        default: .null
        }
    }

    static func plain(_ text: String) -> JSONValue {
        switch text {
        case "", "~", "null", "Null", "NULL": return .null
        case "true", "True", "TRUE": return .bool(true)
        case "false", "False", "FALSE": return .bool(false)
        default:
            if let integer = Int64(text) { return .integer(integer) }
            let isNumeric = text.utf8.allSatisfy { (0x30...0x39).contains($0) || [0x2b, 0x2d, 0x2e, 0x45, 0x65].contains($0) }
            if isNumeric, text.utf8.contains(where: { (0x30...0x39).contains($0) }), let number = Double(text), number.isFinite {
                return .number(number)
            }
            return .string(text)
        }
    }

    /// Members sorted, two blanks a level.
    static func write(_ value: JSONValue) -> String { lines(value).joined(separator: "\n") + "\n" }

    private static func lines(_ value: JSONValue) -> [String] {
        switch value {
        case .object(let members) where !members.isEmpty:
            members.sorted { $0.key < $1.key }.flatMap { entry(prefix: "\(text($0.key)):", $0.value) }
        case .array(let items) where !items.isEmpty:
            items.flatMap { item -> [String] in
                let inner = lines(item)
                return ["- " + inner[0]] + inner.dropFirst().map { "  " + $0 }
            }
        default: [scalar(value)]
        }
    }

    private static func entry(prefix: String, _ value: JSONValue) -> [String] {
        switch value {
        case .object(let members) where !members.isEmpty: [prefix] + lines(value).map { "  " + $0 }
        case .array(let items) where !items.isEmpty: [prefix] + lines(value)
        default: ["\(prefix) \(scalar(value))"]
        }
    }

    private static func scalar(_ value: JSONValue) -> String {
        switch value {
        case .null: "null"
        case .bool(let value): String(value)
        case .integer(let value): String(value)
        case .number(let value): String(value)
        case .string(let value): text(value)
        case .array: "[]"
        case .object: "{}"
        }
    }

    private static let safe = CharacterSet(charactersIn: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._/+-")
        .union(CharacterSet(charactersIn: " "))
    /// Read as something else by YAML 1.1, which many programs still speak.
    private static let words: Set = ["y", "n", "yes", "no", "on", "off"]

    /// Bare where every reader takes it as this text, otherwise as a JSON string, which is YAML too.
    private static func text(_ text: String) -> String {
        let isBare =
            text.unicodeScalars.allSatisfy(safe.contains) && text.first?.isLetter == true && text.last != " "
            && plain(text) == .string(text) && !words.contains(text.lowercased())
        if isBare { return text }
        let encoded = try? CanonicalJSON.encode(JSONValue.string(text))
        return encoded.map { String(decoding: $0, as: UTF8.self) } ?? "\"\""
    }
}
