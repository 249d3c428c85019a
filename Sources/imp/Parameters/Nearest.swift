// SPDX-License-Identifier: Apache-2.0

/// What somebody may have meant.
enum Nearest {
    /// The candidate that takes the fewest edits, if it takes few; among equals one that the text begins, then the first by name.
    static func find(_ text: String, among candidates: [String]) -> String? {
        let limit = max(1, min(text.count, 12) / 3)
        let best = candidates.sorted().map { (name: $0, edits: distance(text, $0)) }.min {
            ($0.edits, $0.name.hasPrefix(text) ? 0 : 1) < ($1.edits, $1.name.hasPrefix(text) ? 0 : 1)
        }
        if let best, best.edits <= limit { return best.name }
        let longer = candidates.filter { text.count >= 3 && $0.hasPrefix(text) }
        return longer.count == 1 ? longer[0] : nil
    }

    /// Insertions, deletions, replacements and swaps of neighbours.
    static func distance(_ left: String, _ right: String) -> Int {
        let a = Array(left.prefix(64))
        let b = Array(right.prefix(64))
        var rows = [Array(0...b.count)]
        for i in 0..<a.count {
            var row = [i + 1]
            for j in 0..<b.count {
                var edits = min(rows[i][j] + (a[i] == b[j] ? 0 : 1), rows[i][j + 1] + 1, row[j] + 1)
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { edits = min(edits, rows[i - 1][j - 1] + 1) }
                row.append(edits)
            }
            rows.append(row)
        }
        return rows[a.count][b.count]
    }
}
