// SPDX-License-Identifier: Apache-2.0

/// SplitMix64: the same seed gives the same numbers, everywhere.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    /// - Parameter purpose: what the numbers are for, so that one check's use of them does not shift another's.
    init(seed: UInt64, _ purpose: String) {
        state = purpose.utf8.reduce(seed ^ 0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    /// `count` different numbers of 1 ... `total`, sorted, the first among them, and the last where there is room for two.
    mutating func sample(_ count: Int, of total: Int) -> [Int] {
        guard total > count else { return total < 1 ? [] : Array(1...total) }
        var chosen: Set<Int> = count > 1 ? [1, total] : [1]
        while chosen.count < count { chosen.insert(Int.random(in: 1...total, using: &self)) }
        return chosen.sorted()
    }
}
