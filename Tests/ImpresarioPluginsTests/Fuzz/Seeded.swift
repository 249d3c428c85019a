// SPDX-License-Identifier: Apache-2.0

import Foundation

/// SplitMix64, so that a failure can be repeated by its seed.
struct Seeded: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    mutating func chance(_ one: Int) -> Bool { Int.random(in: 0..<one, using: &self) == 0 }
}

/// Which cases to run: `IMPRESARIO_FUZZ_SEED` and `IMPRESARIO_FUZZ_CASES` repeat one or try more. Case n has the seed of the first plus n.
struct FuzzPlan {
    let first: UInt64
    let cases: Int

    init(cases: Int) {
        let environment = ProcessInfo.processInfo.environment
        first = environment["IMPRESARIO_FUZZ_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 0...999_999_999)
        self.cases = environment["IMPRESARIO_FUZZ_CASES"].flatMap { Int($0) } ?? cases
    }

    var seeds: [UInt64] { (0..<UInt64(cases)).map { first &+ $0 } }
    /// To be printed before: a trap leaves no other trace.
    var text: String { "fuzz: IMPRESARIO_FUZZ_SEED=\(first) IMPRESARIO_FUZZ_CASES=\(cases)" }
}
