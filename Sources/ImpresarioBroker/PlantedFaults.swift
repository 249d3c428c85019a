// SPDX-License-Identifier: Apache-2.0

/// Mistakes that can be built into a broker on purpose, to see that the simulation finds them. Nothing outside this package can.
package struct PlantedFaults: OptionSet, Sendable {
    package let rawValue: Int
    package init(rawValue: Int) { self.rawValue = rawValue }

    /// An operation does not wait until it is alone with its cluster.
    package static let lockNotTaken = PlantedFaults(rawValue: 1)
}
