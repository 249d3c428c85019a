// SPDX-License-Identifier: Apache-2.0

import Foundation
import GuestTesting
import ImpresarioModel
import ImpresarioPlugins
import Testing

@Suite struct VerbTests {
    @Test func aVerbGetsItsDocumentAndItsAnswerComesBack() async throws {
        try await GuestFixture.with { fixture in
            let answer = try await fixture.call(.plan, do: "echo")
            #expect(answer["cluster"]?["params"]?["do"] == "echo")
            #expect(answer["operation"]?["attempt"] == 1)
            #expect(try await fixture.call(.validate, do: "nothing") == .object([:]))
        }
    }
}
