// SPDX-License-Identifier: Apache-2.0

/// Columns of text, aligned with spaces; numbers of columns to the right. No lines, no colours: it is also read by `awk`.
struct Table: Sendable, Hashable {
    var columns: [String]
    var rows: [[String]]
    /// Columns whose text stands at the right.
    var numeric: Set<Int> = []

    /// - Returns: one line for the head and one for each row, without blanks at their ends. An empty cell shows as `-`.
    func render() -> String {
        let cells = [columns] + rows.map { $0.map { $0.isEmpty ? "-" : Self.printable($0) } }
        let widths = columns.indices.map { column in cells.map { $0[column].count }.max() ?? 0 }
        return cells.map { row in
            var line = row.enumerated().map { index, text in
                let blanks = String(repeating: " ", count: widths[index] - text.count)
                return numeric.contains(index) ? blanks + text : text + blanks
            }.joined(separator: "   ")
            while line.last == " " { line.removeLast() }
            return line + "\n"
        }.joined()
    }

    /// Control characters could move the cursor or end the row; they come from other people's labels and messages.
    ///
    /// - Parameter keepingLines: lines stay lines.
    static func printable(_ text: String, keepingLines: Bool) -> String {
        guard keepingLines else { return printable(text) }
        return text.split(separator: "\n", omittingEmptySubsequences: false).map { printable(String($0)) }.joined(separator: "\n")
    }

    static func printable(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }))
    }
}

/// One thing in detail: a name and a value a line.
struct Fields: Sendable {
    var lines: [(name: String, value: String)]

    init(_ lines: [(String, String?)]) {
        self.lines = lines.compactMap { name, value in value.map { (name, $0) } }
    }

    func render() -> String {
        let width = lines.map(\.name.count).max() ?? 0
        return lines.map { "\($0.name):".padded(to: width + 3) + Table.printable($0.value.isEmpty ? "-" : $0.value) + "\n" }.joined()
    }

}
