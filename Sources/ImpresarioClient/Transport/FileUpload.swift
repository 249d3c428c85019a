// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioModel
import NIOCore

/// A file as a request's body: read piece by piece while it is sent, and again when the request is sent again.
struct FileUpload: Sendable {
    let path: String
    /// In bytes, as it was when the request was made.
    let length: Int64

    /// - Throws: ``Problem`` `invalid-usage` when it is no readable regular file.
    init(path: String) throws(Problem) {
        var status = stat()
        guard stat(path, &status) == 0, access(path, R_OK) == 0 else {
            throw Problem(.invalidUsage, "\(path) cannot be read: \(String(cString: strerror(errno))).")
        }
        guard status.st_mode & S_IFMT == S_IFREG else { throw Problem(.invalidUsage, "\(path) is not a regular file.") }
        self.path = path
        length = Int64(status.st_size)
    }

    var pieces: Pieces { Pieces(upload: self) }

    struct Pieces: AsyncSequence, Sendable {
        typealias Element = ByteBuffer
        let upload: FileUpload

        struct AsyncIterator: AsyncIteratorProtocol {
            let path: String
            var file: FileHandle?
            /// A file that grows meanwhile is cut; one that shrinks breaks the request.
            var rest: Int64

            mutating func next() async throws -> ByteBuffer? {
                guard rest > 0 else { return nil }
                if file == nil { file = try FileHandle(forReadingFrom: URL(filePath: path)) }
                guard let data = try file?.read(upToCount: Int(Swift.min(rest, 256 << 10))), !data.isEmpty else { return nil }
                rest -= Int64(data.count)
                return ByteBuffer(bytes: data)
            }
        }

        func makeAsyncIterator() -> AsyncIterator { AsyncIterator(path: upload.path, rest: upload.length) }
    }
}
