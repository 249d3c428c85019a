// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// Compares a text with the file of that name in Snapshots/. `IMPRESARIO_RECORD=1` writes the files anew, to be read before they are committed.
func expectSnapshot(_ text: String, _ name: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Snapshots/\(name).txt")
    if ProcessInfo.processInfo.environment["IMPRESARIO_RECORD"] == "1" { try Data(text.utf8).write(to: file) }
    let recorded = try String(contentsOf: file, encoding: .utf8)
    #expect(text == recorded, "\(name) differs; IMPRESARIO_RECORD=1 records it anew", sourceLocation: sourceLocation)
}
