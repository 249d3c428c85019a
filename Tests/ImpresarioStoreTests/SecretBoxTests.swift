// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioModel
import ImpresarioStore
import Testing

@Suite struct SecretBoxTests {
    @Test(arguments: [0, 1, 16, 100_000])
    func opensWhatItSealed(size: Int) throws {
        let box = SecretBox()
        let plain = Data((0..<size).map { UInt8(truncatingIfNeeded: $0) })
        let sealed = try box.seal(plain, for: "secret/c1/ca")
        #expect(sealed.count == size + 37)
        #expect(try box.open(sealed, for: "secret/c1/ca") == plain)
        // A slice that does not begin at 0 is as good.
        #expect(try box.open((Data([9, 9]) + sealed).dropFirst(2), for: "secret/c1/ca") == plain)
        #expect(try box.seal(plain, for: "secret/c1/ca") != sealed)
    }

    @Test func aValueMovedToAnotherRecordOrChangedAnywhereDoesNotOpen() throws {
        let box = SecretBox()
        let sealed = try box.seal(Data("hush".utf8), for: "secret/c1/ca")
        #expect(throws: Problem.self) { try box.open(sealed, for: "secret/c2/ca") }
        for index in sealed.indices {
            var changed = sealed
            changed[index] ^= 1
            #expect(throws: Problem.self) { try box.open(changed, for: "secret/c1/ca") }
        }
        for length in 0..<sealed.count {
            #expect(throws: Problem.self) { try box.open(sealed.prefix(length), for: "secret/c1/ca") }
        }
    }

    @Test func anotherKeyIsNamedInTheDetailOnly() throws {
        let (box, other) = (SecretBox(), SecretBox())
        let sealed = try other.seal(Data("hush".utf8), for: "r")
        let problem = #expect(throws: Problem.self) { try box.open(sealed, for: "r") }
        #expect(problem?.message == "A secret was sealed with another key.")
        #expect(problem?.detail == "r: key \(other.keyID), here \(box.keyID)")
    }
}
