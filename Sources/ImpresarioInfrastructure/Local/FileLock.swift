// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioModel

/// A lock that other processes respect too and that the kernel gives back when its holder dies.
enum FileLock {
    /// Waits without holding a thread. The lock file stays: removing it would let two holders in.
    static func hold<Value: Sendable>(_ path: String, _ body: () async throws -> Value) async throws -> Value {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Disk.failure("opening the lock", path) }
        defer { close(descriptor) }
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            guard errno == EWOULDBLOCK || errno == EINTR else { throw Disk.failure("locking", path) }
            try await Task.sleep(for: .milliseconds(5))
        }
        return try await body()
    }
}
