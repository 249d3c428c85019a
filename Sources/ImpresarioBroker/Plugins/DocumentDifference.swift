// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel

/// Where two documents differ, each place by JSON pointer.
enum DocumentDifference {
    /// More tell nothing new.
    static let limit = 100

    static func between(_ old: JSONValue, _ new: JSONValue) -> [ShadowReport.Difference] {
        var result: [ShadowReport.Difference] = []
        compare(old, new, at: "", &result)
        return result
    }

    private static func compare(_ old: JSONValue?, _ new: JSONValue?, at pointer: String, _ result: inout [ShadowReport.Difference]) {
        guard result.count < limit, old != new else { return }
        switch (old, new) {
        case (.object(let own)?, .object(let other)?):
            for name in Set(own.keys).union(other.keys).sorted() {
                compare(own[name], other[name], at: "\(pointer)/\(JSONPointer.escape(name))", &result)
            }
        case (.array(let own)?, .array(let other)?):
            for index in 0..<max(own.count, other.count) {
                // Not `nil`, which would be JSON's null.
                let before = index < own.count ? JSONValue?.some(own[index]) : .none
                let after = index < other.count ? JSONValue?.some(other[index]) : .none
                compare(before, after, at: "\(pointer)/\(index)", &result)
            }
        default: result.append(.init(at: pointer, old: old, new: new))
        }
    }
}
