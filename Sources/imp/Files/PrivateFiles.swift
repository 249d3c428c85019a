// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Files that only their owner reads: mode 0600, in folders made with mode 0700, replaced in one step.
enum PrivateFiles {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    static func write(_ data: Data, to path: String) throws(Failure) {
        let folder = (path as NSString).deletingLastPathComponent
        try makeFolder(folder)
        let aside = "\(folder)/.\((path as NSString).lastPathComponent).\(UUID().uuidString)"
        // O_EXCL and O_NOFOLLOW: a link planted in the folder is not written through.
        let file = open(aside, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw failure("make", aside) }
        do {
            try FileHandle(fileDescriptor: file, closeOnDealloc: true).write(contentsOf: data)
        } catch {
            unlink(aside)
            throw Failure(description: "cannot write \(aside): \(error)")
        }
        guard rename(aside, path) == 0 else {
            let why = failure("replace", path)
            unlink(aside)
            throw why
        }
    }

    static func makeFolder(_ path: String) throws(Failure) {
        guard !FileManager.default.fileExists(atPath: path) else { return }
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw Failure(description: "cannot make the folder \(path): \(error.localizedDescription)")
        }
    }

    private static func failure(_ verb: String, _ path: String) -> Failure {
        Failure(description: "cannot \(verb) \(path): \(String(cString: strerror(errno)))")
    }
}
