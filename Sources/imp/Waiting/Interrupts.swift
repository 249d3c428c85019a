// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

/// Ctrl-C, as something that can be awaited instead of the end of the process.
///
/// A plain handler that counts, and a look at the count ten times a second: a dispatch source (signalfd) sees a signal only when every thread of
/// the process blocks it, and the threads of the HTTP client do not.
enum Interrupts {
    private static let count = Atomic<Int>(0)

    /// From here on SIGINT does not end the process; to be called before anything is shown that makes a person press Ctrl-C.
    ///
    /// - Returns: what to give ``wait(since:)``.
    static func trap() -> Int {
        // Read first: the handler must find it initialised, for that is not safe in a handler.
        let before = count.load(ordering: .relaxed)
        signal(SIGINT) { _ in Interrupts.count.add(1, ordering: .relaxed) }
        return before
    }

    /// Ctrl-C ends the process again.
    static func untrap() { signal(SIGINT, SIG_DFL) }

    /// Returns when Ctrl-C was pressed since; throws when the task is cancelled.
    static func wait(since before: Int) async throws {
        while count.load(ordering: .relaxed) == before { try await Task.sleep(for: .milliseconds(100)) }
    }
}
