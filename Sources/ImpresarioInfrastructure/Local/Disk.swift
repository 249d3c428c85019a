// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioModel

/// File operations on the host, on paths that only the driver writes. Never used on anything a node can change.
enum Disk {
    static func failure(_ doing: String, _ path: String, code: Int32 = errno) -> Problem {
        Problem(
            .infrastructure, "This machine refused a file operation.", detail: "\(doing) \(path): \(String(cString: strerror(code)))")
    }

    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// When what a folder or file holds was changed last, in nanoseconds since 1970; 0 when it is not there.
    static func changed(_ path: String) -> Int64 {
        var status = stat()
        guard lstat(path, &status) == 0 else { return 0 }
        return Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec)
    }

    static func makeFolder(_ path: String, mode: Int = 0o700) throws {
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: mode])
    }

    /// Old or new content after a power cut, never half of it.
    static func writeDurably(_ content: Data, to path: String, mode: mode_t = 0o600) throws {
        let aside = path + ".new"
        let descriptor = open(aside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw failure("writing", aside) }
        do {
            defer { close(descriptor) }
            try content.withUnsafeBytes { bytes in
                var rest = bytes[...]
                while !rest.isEmpty {
                    let count = write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                    guard count > 0 else { throw failure("writing", aside) }
                    rest = rest.dropFirst(count)
                }
            }
            guard fsync(descriptor) == 0 else { throw failure("flushing", aside) }
        }
        guard rename(aside, path) == 0 else { throw failure("renaming", aside) }
        try flush(folderOf: path)
    }

    static func flush(folderOf path: String) throws {
        let folder = (path as NSString).deletingLastPathComponent
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("opening", folder) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure("flushing", folder) }
    }

    /// The whole of a file, also of those in /proc and /sys whose size is told as 0. Nil when it cannot be opened.
    static func read(_ path: String) -> Data? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var content = Data()
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return count == 0 ? content : nil }
            content.append(contentsOf: buffer[..<count])
        }
    }

    static func readText(_ path: String) -> String? { read(path).map { String(decoding: $0, as: UTF8.self) } }

    /// For files of /proc and /sys, which take one write.
    static func set(_ path: String, _ value: String) throws {
        let descriptor = open(path, O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("opening", path) }
        defer { close(descriptor) }
        guard write(descriptor, value, value.utf8.count) >= 0 else { throw failure("writing", path) }
    }

    static func entries(_ path: String) -> [String] { ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted() }

    /// No error when there is nothing.
    static func remove(_ path: String) throws {
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        try FileManager.default.removeItem(atPath: path)
    }
}
