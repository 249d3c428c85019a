// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioModel

/// An `flock` on a file, held until this value goes. The kernel drops it with the process, so there is never a stale one.
struct FolderLock: ~Copyable {
    private let descriptor: CInt

    /// - Throws: `store-failed` that names the folder and the process that holds it.
    init(folder: String) throws(Problem) {
        let path = folder + "/lock"
        // Close-on-exec: a child that outlives the broker must not hold the folder.
        let opened = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard opened >= 0 else { throw SmallFile.failed("open", path) }
        guard flock(opened, LOCK_EX | LOCK_NB) == 0 else {
            let isHeld = errno == EWOULDBLOCK
            let problem = SmallFile.failed("lock", path)
            close(opened)
            if !isHeld { throw problem }
            let found = (try? SmallFile.read(path, limit: 32)).flatMap { $0 }
            let holder = found.map { String(decoding: $0.bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines) }
            throw Problem(
                .storeFailed, "The data folder \(folder) is in use by another broker (pid \(holder ?? "unknown")).",
                remedy: "Stop that broker, or give this one a data folder of its own.")
        }
        let pid = "\(getpid())\n"
        ftruncate(opened, 0)
        _ = pid.withCString { pwrite(opened, $0, pid.utf8.count, 0) }
        descriptor = opened
    }

    deinit { close(descriptor) }
}
