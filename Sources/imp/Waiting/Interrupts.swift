// SPDX-License-Identifier: Apache-2.0

// Dispatch sources may be cancelled from any thread (dispatch_source_cancel(3)), which their Swift types do not say.
@preconcurrency import Dispatch
import Foundation

/// Ctrl-C, as something that can be awaited instead of the end of the process.
enum Interrupts {
    /// An element for each SIGINT. When the sequence is over, Ctrl-C ends the process again.
    static func stream() -> AsyncStream<Void> {
        AsyncStream { continuation in
            signal(SIGINT, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: SIGINT, queue: .global())
            source.setEventHandler { continuation.yield() }
            continuation.onTermination = { _ in
                source.cancel()
                signal(SIGINT, SIG_DFL)
            }
            source.resume()
        }
    }
}
