// SPDX-License-Identifier: Apache-2.0

/// Where chance comes from: the system, or a seed. Not for secrets, which are always the system's.
public struct RandomSource: RandomNumberGenerator, Sendable {
    private let draw: @Sendable () -> UInt64

    /// - Parameter draw: 64 random bits each time; shared by all copies, and called by many tasks.
    public init(_ draw: @escaping @Sendable () -> UInt64) { self.draw = draw }

    public static let system = RandomSource { UInt64.random(in: .min ... .max) }

    public func next() -> UInt64 { draw() }

    /// From 0 up to, and not including, 1.
    public func fraction() -> Double { Double(draw() >> 11) * 0x1p-53 }
}
