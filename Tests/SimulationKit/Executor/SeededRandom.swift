// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel

/// SplitMix64: small, fast, and the same on every machine.
///
/// Unchecked: confined to the thread of the executor.
final class SeededRandom: RandomNumberGenerator, @unchecked Sendable {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    /// Draws of one part of the simulation do not shift those of another.
    func fork() -> SeededRandom { SeededRandom(seed: next()) }

    /// From 0 up to, and not including, `bound`.
    func below(_ bound: Int) -> Int { Int(truncatingIfNeeded: next().multipliedFullWidth(by: UInt64(bound)).high) }

    func pick<Element>(_ from: [Element]) -> Element { from[below(from.count)] }

    /// True in `share` of 1000 cases.
    func chance(_ share: Int) -> Bool { share > 0 && below(1000) < share }

    func milliseconds(_ range: ClosedRange<Int>) -> Duration { .milliseconds(range.lowerBound + below(range.count)) }
}
