// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioModel
import Testing

@Suite struct JSONWriterTests {
    private static let values: [JSONValue] = [
        nil, true, false, 0, .integer(.min), .integer(.max), 0.5, -0.0, 1e20, .number(.leastNonzeroMagnitude), 1.5e-7,
        .number(.greatestFiniteMagnitude), "", [], [:],
        .string("\"\\/\u{8}\u{c}\n\r\t\u{0}\u{1f}\u{7f} \u{e4} \u{2028} \u{1f600}"), [1, [2, [], [:]], nil],
        ["b": 1, "a": ["d": nil, "c": [true]], "": "", "A": 1, "aa": 1, "\u{e4}": 1, "a\"b": 1],
    ]

    @Test(arguments: values) func itWritesWhatTheEncoderWrites(value: JSONValue) throws {
        var writer = JSONWriter()
        try writer.value(value)
        #expect(String(decoding: writer.bytes, as: UTF8.self) == String(decoding: try CanonicalJSON.encode(value), as: UTF8.self))
    }

    @Test func aNumberThatJSONCannotHoldIsRefused() {
        var writer = JSONWriter()
        #expect(throws: Problem.self) { try writer.value([.number(.infinity)]) }
    }
}
