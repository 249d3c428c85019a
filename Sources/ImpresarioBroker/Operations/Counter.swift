// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Counts what concurrent work has finished.
final class Counter: Sendable {
    private let value = Atomic<Int>(0)

    func increment() -> Int { value.add(1, ordering: .relaxed).newValue }
}
