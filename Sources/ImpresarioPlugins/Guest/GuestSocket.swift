// SPDX-License-Identifier: Apache-2.0

import CLinux
import Dispatch
import Glibc
import Synchronization

/// A descriptor that is closed when nobody can use it any more.
final class OwnedDescriptor: Sendable {
    let raw: Int32

    init(_ raw: Int32) { self.raw = raw }

    deinit { close(raw) }
}

/// The broker's end of a guest's socket. Receives on the guest's thread, sends from anywhere.
final class GuestSocket: Sendable {
    private let descriptor: OwnedDescriptor
    /// Frames that did not fit into the socket; while there are any, a queue of its own waits to send them.
    private let backlog = Mutex<[[UInt8]]>([])

    init(_ descriptor: OwnedDescriptor) { self.descriptor = descriptor }

    var raw: Int32 { descriptor.raw }

    /// Sends without blocking the caller. A guest that does not read is ended by its deadline, which wakes the sender with an error; errors are
    /// not told here because the receiving side sees the same end.
    func send(_ message: Message) {
        backlog.withLock { waiting in
            let frames = message.frames()
            guard waiting.isEmpty else {
                waiting.append(contentsOf: frames)
                return
            }
            for (index, frame) in frames.enumerated() where clinux_packet_send(raw, frame, frame.count, 0) == -EAGAIN {
                waiting = Array(frames[index...])
                drain()
                return
            }
        }
    }

    private func drain() {
        DispatchQueue.global().async { [self] in
            while let frame = backlog.withLock({ $0.first }) {
                let result = clinux_packet_send(raw, frame, frame.count, 1)
                backlog.withLock { waiting in
                    if result < 0 { waiting = [] } else { waiting.removeFirst() }
                }
            }
        }
    }

    /// Wakes both directions with an end of file.
    func shut() { shutdown(raw, Int32(SHUT_RDWR)) }
}
