// SPDX-License-Identifier: Apache-2.0

/// A version in the order of semver.org: numbers as numbers, a pre-release before its release, build metadata without meaning.
///
/// Texts that are none come before all that are, in order of their letters: plugins choose their versions, and all must have a place.
public struct SemanticVersion: Sendable, Comparable {
    private let numbers: [UInt64]
    private let prerelease: [Substring]
    private let text: String

    public init(_ text: String) {
        self.text = text
        let core = text.prefix { $0 != "+" }
        let halves = core.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        let parts = (halves.first ?? "").split(separator: ".", omittingEmptySubsequences: false).map { UInt64($0) }
        numbers = parts.contains(nil) ? [] : parts.compactMap(\.self)
        prerelease = halves.count == 2 ? halves[1].split(separator: ".", omittingEmptySubsequences: false) : []
    }

    public static func < (left: SemanticVersion, right: SemanticVersion) -> Bool {
        if left.numbers.isEmpty || right.numbers.isEmpty {
            return left.numbers.isEmpty && right.numbers.isEmpty ? left.text < right.text : left.numbers.isEmpty
        }
        for index in 0..<max(left.numbers.count, right.numbers.count) {
            let (own, other) = (left.number(index), right.number(index))
            if own != other { return own < other }
        }
        if left.prerelease.isEmpty || right.prerelease.isEmpty { return !left.prerelease.isEmpty && right.prerelease.isEmpty }
        for (own, other) in zip(left.prerelease, right.prerelease) where own != other {
            switch (UInt64(own), UInt64(other)) {
            case (let own?, let other?): return own < other
            case (nil, nil): return own < other
            case (let own, _): return own != nil
            }
        }
        return left.prerelease.count < right.prerelease.count
    }

    public static func == (left: SemanticVersion, right: SemanticVersion) -> Bool { !(left < right) && !(right < left) }

    private func number(_ index: Int) -> UInt64 { index < numbers.count ? numbers[index] : 0 }
}
