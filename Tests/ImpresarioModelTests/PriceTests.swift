// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel
import Testing

@Suite("Prices")
struct PriceTests {
    @Test(
        "are read exactly and written as short as they can be",
        arguments: [("0.02", 20_000, "0.02"), ("3", 3_000_000, "3"), ("1.500000", 1_500_000, "1.5"), ("0.000001", 1, "0.000001")])
    func read(text: String, millionths: Int64, written: String) throws {
        let price = try #require(Price(text))
        #expect(price.millionths == millionths)
        #expect(price.description == written)
    }

    @Test("that are none are refused", arguments: ["", "-1", "1.", ".5", "1.0000001", "1,5", "1e3", "9999999999999999999"])
    func refused(text: String) { #expect(Price(text) == nil) }
}
