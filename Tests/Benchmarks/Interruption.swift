// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

/// SIGINT and SIGTERM let the round under way end, so that what it made is taken away again the ordinary way.
enum Interruption {
    private static let isAsked = Atomic(false)

    /// A handler and not "ignore": children would inherit that, and a shell cannot trap what was ignored when it began.
    static func watch() {
        _ = isAsked.load(ordering: .relaxed)  // made here, not in the handler
        for number in [SIGINT, SIGTERM] { signal(number) { _ in Interruption.isAsked.store(true, ordering: .relaxed) } }
    }

    /// - Throws: when it is time to end.
    static func check() throws {
        if isAsked.load(ordering: .relaxed) { throw CancellationError() }
    }
}
