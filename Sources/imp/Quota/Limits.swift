// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel

/// `key=amount` words.
enum Limits {
    /// - Throws: ``Problem`` `invalid-usage` or `invalid-quantity` naming the word.
    static func read(_ words: [String], flag: String = "--limit") throws(Problem) -> ResourceLimits {
        var amounts: [String: Int64] = [:]
        for word in words {
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 2, !parts[0].isEmpty else {
                throw Problem(.invalidUsage, "'\(word)' is not key=amount.", field: flag, remedy: "Write it like cpu=4 or memory=8Gi.")
            }
            guard amounts[parts[0]] == nil else { throw Problem(.invalidUsage, "\(parts[0]) is given twice.", field: flag) }
            do {
                amounts[parts[0]] = try Quantity.parse(parts[1], of: parts[0], field: flag)
            } catch {
                throw Problem(.invalidUsage, error.message, field: flag, remedy: error.remedy)
            }
        }
        return ResourceLimits(amounts)
    }
}
