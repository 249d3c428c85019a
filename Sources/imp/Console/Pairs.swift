// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel

/// `key=value` words.
enum Pairs {
    /// - Throws: ``Problem`` `invalid-usage` naming the word.
    static func read(_ words: [String], flag: String) throws(Problem) -> [String: String] {
        var result: [String: String] = [:]
        for word in words {
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 2, !parts[0].isEmpty else {
                throw Problem(.invalidUsage, "'\(word)' is not key=value.", field: flag)
            }
            guard result.updateValue(parts[1], forKey: parts[0]) == nil else {
                throw Problem(.invalidUsage, "\(parts[0]) is given twice.", field: flag)
            }
        }
        return result
    }
}
