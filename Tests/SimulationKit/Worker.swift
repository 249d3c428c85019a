// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Another process of the same program, which does a share of the work and tells each run in a line.
final class Worker {
    private let process = Process()
    fileprivate let output: FileHandle
    fileprivate var rest = Data()
    fileprivate var isAtEnd = false

    init(arguments: [String]) {
        let pipe = Pipe()
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = arguments
        process.standardOutput = pipe
        output = pipe.fileHandleForReading
        do { try process.run() } catch { isAtEnd = true }
    }

    func wait() -> Int32 {
        guard process.processIdentifier != 0 else { return -1 }
        process.waitUntilExit()
        return process.terminationStatus
    }
}

/// The lines of all workers, as they come.
struct AllLines {
    private let workers: [Worker]
    init(_ workers: [Worker]) { self.workers = workers }

    func next() -> String? {
        while true {
            for worker in workers {
                guard let end = worker.rest.firstIndex(of: UInt8(ascii: "\n")) else { continue }
                defer { worker.rest = Data(worker.rest[(end + 1)...]) }
                return String(decoding: worker.rest[..<end], as: UTF8.self)
            }
            var open = workers.filter { !$0.isAtEnd }
            guard !open.isEmpty else { return nil }
            var descriptors = open.map { pollfd(fd: $0.output.fileDescriptor, events: Int16(POLLIN), revents: 0) }
            guard poll(&descriptors, nfds_t(descriptors.count), -1) > 0 else { continue }
            open = zip(open, descriptors).filter { $1.revents != 0 }.map(\.0)
            for worker in open {
                let piece = worker.output.availableData
                if piece.isEmpty { worker.isAtEnd = true } else { worker.rest += piece }
            }
        }
    }
}
