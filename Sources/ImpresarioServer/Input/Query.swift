// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioBroker
import ImpresarioModel

/// The query of a request: known names only, each at most once.
struct Query: Sendable, Hashable {
    private let values: [String: String]

    /// - Throws: `invalid-query` naming the parameter.
    init(_ text: String?, known: [String]) throws(Problem) {
        var values: [String: String] = [:]
        for part in (text ?? "").split(separator: "&") {
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            func decode(_ text: Substring?) -> String? {
                text.map { $0.replacing("+", with: " ") }.map(String.init)?.removingPercentEncoding
            }
            guard let name = decode(pair.first), let value = decode(pair.count == 2 ? pair[1] : "") else {
                throw Problem(.invalidQuery, "The query is not encoded UTF-8.")
            }
            guard known.contains(name) else {
                throw Problem(
                    .invalidQuery, "There is no query parameter '\(name.prefix(80))' here.", field: String(name.prefix(80)),
                    remedy: known.isEmpty ? "Leave the query out." : "Possible: \(known.joined(separator: ", ")).")
            }
            guard values.updateValue(value, forKey: name) == nil else {
                throw Problem(.invalidQuery, "'\(name)' is given twice.", field: name)
            }
        }
        self.values = values
    }

    subscript(_ name: String) -> String? { values[name] }

    static let paging = ["limit", "continue"]

    func page() throws(Problem) -> PageRequest {
        PageRequest(limit: try number("limit", in: PageRequest.limits) ?? 100, after: values["continue"])
    }

    func number(_ name: String, in range: ClosedRange<Int>) throws(Problem) -> Int? {
        guard let text = values[name] else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw Problem(
                .invalidQuery, "'\(text.prefix(40))' is not a whole number from \(range.lowerBound) to \(range.upperBound).", field: name)
        }
        return number
    }

    func revision(_ name: String) throws(Problem) -> Int64? {
        guard let text = values[name] else { return nil }
        guard let revision = Int64(text), revision >= 0 else {
            throw Problem(.invalidQuery, "'\(text.prefix(40))' is not a revision.", field: name, remedy: "Send an ETag without its quotes.")
        }
        return revision
    }

    func flag(_ name: String) throws(Problem) -> Bool {
        guard let text = values[name] else { return false }
        guard let value = Bool(text) else { throw Problem(.invalidQuery, "'\(text.prefix(40))' is neither true nor false.", field: name) }
        return value
    }
}
