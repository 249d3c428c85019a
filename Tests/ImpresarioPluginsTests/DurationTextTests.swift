// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ImpresarioPlugins

@Suite struct DurationTextTests {
    @Test(
        arguments: [("1h30m", 5_400_000_000_000), ("250ms", 250_000_000), ("-2s", -2_000_000_000), ("1s5ns", 1_000_000_005), ("0s", 0)]
            as [(String, Int64)])
    func textAndNumberMatch(text: String, nanoseconds: Int64) {
        #expect(DurationText.parse(text) == nanoseconds)
        #expect(DurationText.format(nanoseconds) == text)
    }

    @Test(arguments: ["", "-", "5", "h", "1x", "1 s", "1.5s", "9999999999h", "١s"]) func whatIsNoDurationIsRefused(text: String) {
        #expect(DurationText.parse(text) == nil)
    }

    @Test func theLongestCanBeWritten() { #expect(DurationText.format(.min).hasPrefix("-2562047h")) }
}
