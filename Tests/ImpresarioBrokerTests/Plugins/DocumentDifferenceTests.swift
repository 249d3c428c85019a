// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel
import Testing

@testable import ImpresarioBroker

@Suite("The difference of two documents")
struct DocumentDifferenceTests {
    @Test("names each place by pointer, with what stood there")
    func places() {
        let old: JSONValue = ["a": [1, 2], "b": ["x/y": true, "same": 1], "gone": "here"]
        let new: JSONValue = ["a": [1, 3, 4], "b": ["x/y": false, "same": 1], "new": nil]
        let differences = DocumentDifference.between(old, new)
        #expect(differences.map(\.at) == ["/a/1", "/a/2", "/b/x~1y", "/gone", "/new"])
        #expect(differences[0].old == 2 && differences[0].new == 3)
        #expect(differences[1].old == JSONValue?.none && differences[1].new == 4)
        #expect(differences[3].old == "here" && differences[3].new == JSONValue?.none)
        #expect(DocumentDifference.between(old, old).isEmpty)
        #expect(DocumentDifference.between(1, [1]).map(\.at) == [""])
    }

    @Test("ends where it tells nothing new")
    func bounded() {
        let (old, new) = (JSONValue.array((0..<1000).map { .integer($0) }), JSONValue.array((0..<1000).map { .integer($0 + 1) }))
        #expect(DocumentDifference.between(old, new).count == DocumentDifference.limit)
    }
}
