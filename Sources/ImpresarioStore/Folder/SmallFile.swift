// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioModel

/// Reading and writing the few small files of a data folder, with their modes.
enum SmallFile {
    /// What an open file is, taken from the descriptor so that it cannot change in between.
    struct Content {
        var bytes: Data
        var mode: mode_t
        var owner: uid_t
    }

    /// At most `limit` + 1 bytes; nil when there is no such file. Links are not followed.
    static func read(_ path: String, limit: Int) throws(Problem) -> Content? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        if descriptor < 0 {
            if errno == ENOENT { return nil }
            throw failed("read", path)
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failed("read", path) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw Problem(.storeFailed, "\(path) is not a regular file.", remedy: "Move it away.")
        }
        var bytes = Data(count: limit + 1)
        var count = 0
        while count <= limit {
            let got = bytes.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress.map { $0 + count }, limit + 1 - count) }
            if got < 0 && errno == EINTR { continue }
            guard got >= 0 else { throw failed("read", path) }
            if got == 0 { break }
            count += got
        }
        return Content(bytes: bytes.prefix(count), mode: status.st_mode & 0o7777, owner: status.st_uid)
    }

    /// Writes aside with mode 0600, flushes, and links the file into place: another that came to be there meanwhile is not replaced.
    static func create(_ path: String, _ content: Data) throws(Problem) {
        let aside = "\(path).new"
        unlink(aside)
        let descriptor = open(aside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw failed("write", aside) }
        defer {
            close(descriptor)
            unlink(aside)
        }
        let written = content.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        guard written == content.count, fsync(descriptor) == 0, link(aside, path) == 0 else { throw failed("write", path) }
        let folder = open((path as NSString).deletingLastPathComponent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw failed("write", path) }
        defer { close(folder) }
        guard fsync(folder) == 0 else { throw failed("write", path) }
    }

    static func failed(_ verb: String, _ path: String) -> Problem {
        Problem(.storeFailed, "Cannot \(verb) \(path): \(String(cString: strerror(errno))).")
    }
}
