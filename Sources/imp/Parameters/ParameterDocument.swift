// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioModel

/// The document of parameters that a request carries, put together from files, `--set` and flags, the later ones winning.
struct ParameterDocument: Hashable, Sendable {
    private(set) var value: JSONValue = .object([:])

    /// Lays an object over what is there: objects member by member, everything else replaced.
    ///
    /// - Throws: ``Problem`` `invalid-usage` when it is no object.
    mutating func merge(_ document: JSONValue, source: String) throws(Problem) {
        guard case .object = document else {
            throw Problem(.invalidUsage, "\(source) holds \(document.kind), not an object of parameters.", field: "--file")
        }
        value = Self.merged(value, document)
    }

    private static func merged(_ old: JSONValue, _ new: JSONValue) -> JSONValue {
        guard case .object(let before) = old, case .object(let after) = new else { return new }
        return .object(before.merging(after, uniquingKeysWith: merged))
    }

    mutating func set(_ path: [String], _ new: JSONValue) { value = Self.setting(value, path[...], new) }

    private static func setting(_ old: JSONValue, _ path: ArraySlice<String>, _ new: JSONValue) -> JSONValue {
        guard let name = path.first else { return new }
        var members = old.object ?? [:]
        members[name] = setting(members[name] ?? .null, path.dropFirst(), new)
        return .object(members)
    }

    /// `key=value` or `outer.inner=value`. The value is read as the parameter's kind says; of an unknown key as JSON, else as text.
    mutating func assign(_ text: String, parameters: [Parameter], read: (String) throws -> Data) throws(Problem) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let path = parts[0].split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, path.allSatisfy({ !$0.isEmpty }) else {
            throw Problem(.invalidUsage, "'\(text)' is not key=value.", field: "--set", remedy: "Write it like --set workers=3.")
        }
        let parameter = parameters.first { $0.path == path || $0.flag == parts[0] }
        let json: JSONValue? = try? CanonicalJSON.decode(from: Data(parts[1].utf8))
        switch parameter?.kind {
        case nil: set(path, json ?? .string(parts[1]))
        case .list where json?.array != nil: set(parameter?.path ?? path, json ?? .null)
        case .list: set(parameter?.path ?? path, .array([try parameter?.value(from: parts[1], read: read) ?? .null]))
        default: set(parameter?.path ?? path, try parameter?.value(from: parts[1], read: read) ?? .null)
        }
    }
}
