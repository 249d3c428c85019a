// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioModel
import Testing

struct ProblemCodeTests {
    private static let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../docs/errors.md").standardized

    /// `IMPRESARIO_RECORD=1 swift test --filter ProblemCodeTests` writes it anew.
    @Test("docs/errors.md is what the source says of every code")
    func document() throws {
        if ProcessInfo.processInfo.environment["IMPRESARIO_RECORD"] == "1" {
            try Data(ProblemCode.document.utf8).write(to: Self.file)
        }
        #expect(try String(contentsOf: Self.file, encoding: .utf8) == ProblemCode.document)
    }

    @Test("every code tells a cause and a remedy in whole sentences", arguments: ProblemCode.allCases)
    func explanation(_ code: ProblemCode) {
        for text in [code.explanation.cause, code.explanation.remedy] { #expect(text.count > 10 && text.hasSuffix(".")) }
    }
}
