// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel
import Testing

@Suite struct JSONPointerTests {
    @Test(arguments: ["", "a", "a/b", "m~n", "~1", "/", "~", "ä/~🎻"])
    func anEscapedNameIsReadBack(_ name: String) {
        #expect(JSONPointer.tokens(of: "/" + JSONPointer.escape(name)) == [name])
    }

    @Test func knowsTheRootAndRefusesWhatIsNone() {
        #expect(JSONPointer.tokens(of: "") == [])
        #expect(JSONPointer.tokens(of: "/") == [""])
        #expect(JSONPointer.tokens(of: "/a//b") == ["a", "", "b"])
        #expect(JSONPointer.tokens(of: "a") == nil)
        #expect(JSONPointer.tokens(of: "/~2") == nil)
        #expect(JSONPointer.tokens(of: "/a~") == nil)
    }
}
