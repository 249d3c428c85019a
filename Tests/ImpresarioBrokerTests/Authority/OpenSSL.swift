// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The real openssl, with a folder of the test's own to work in.
struct OpenSSL {
    let folder: URL

    struct Outcome {
        let status: Int32
        /// stdout and stderr.
        let text: String
    }

    static func with<Value>(_ body: (OpenSSL) throws -> Value) throws -> Value {
        let folder = FileManager.default.temporaryDirectory.appending(path: "imp-authority-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        return try body(OpenSSL(folder: folder))
    }

    func write(_ text: String, _ name: String) throws { try Data(text.utf8).write(to: folder.appending(path: name)) }
    func read(_ name: String) throws -> String { try String(contentsOf: folder.appending(path: name), encoding: .utf8) }

    @discardableResult
    func callAsFunction(_ arguments: String...) throws -> Outcome { try run(arguments) }

    func run(_ arguments: [String]) throws -> Outcome {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["openssl"] + arguments
        process.currentDirectoryURL = folder
        process.standardInput = FileHandle.nullDevice
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return Outcome(status: process.terminationStatus, text: String(decoding: output, as: UTF8.self))
    }
}
