// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel
import Testing

@Suite("Versions")
struct SemanticVersionTests {
    @Test("are ordered as semver.org says, texts that are none before all others")
    func order() {
        let ordered = [
            "abc", "beta", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0",
            "1.0.1",
            "1.2.0", "1.10.0", "2.0.0",
        ]
        for (index, low) in ordered.enumerated() {
            for high in ordered[(index + 1)...] {
                #expect(SemanticVersion(low) < SemanticVersion(high), "\(low) \(high)")
                #expect(!(SemanticVersion(high) < SemanticVersion(low)), "\(high) \(low)")
            }
        }
        #expect(SemanticVersion("1.0.0+a") == SemanticVersion("1.0.0+b") && SemanticVersion("1.0") == SemanticVersion("1.0.0"))
    }
}
