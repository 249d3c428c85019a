// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel

/// Puts a ``ProgressReport`` on standard error: plain lines, and on a terminal a bar below them that is rewritten.
struct ProgressWriter {
    private var report = ProgressReport()
    private let console = Surroundings.current

    mutating func show(_ operation: Operation) {
        let lines = report.lines(for: operation, withStarts: !console.showsProgressBar)
        guard console.showsProgressBar else {
            for line in lines { console.note(line) }
            return
        }
        let text = lines.map { "\u{1b}[K\($0)\n" }.joined()
        console.err("\r\(text)\u{1b}[K\(ProgressReport.bar(operation).prefix(100))")
    }

    func finish() {
        if console.showsProgressBar { console.err("\r\u{1b}[K") }
    }
}
