// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// What `make install` lays down of the programs as built, in a folder of its own; gone when the body ends.
struct InstalledPrefix {
    /// Holds the prefix and what is made with it.
    let folder: String
    var prefix: String { "\(folder)/usr" }

    static let sources = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

    static func with<Value>(_ body: (InstalledPrefix) async throws -> Value) async throws -> Value {
        let folder = "/var/tmp/impresario-prefix-" + String(UInt64.random(in: 0...(1 << 40)), radix: 36)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let installation = InstalledPrefix(folder: folder)
        let made = try await installation.make("install")
        try #require(made.succeeded, "\(made.text)")
        return try await body(installation)
    }

    /// A target of the project's Makefile; no build, no toolchain.
    func make(_ target: String, destination: String = "") async throws -> Machine.Answer {
        try await Machine.shell(
            "make -C \(Self.sources) --no-print-directory \(target) BIN=\(Machine.products.path) PREFIX=\(prefix) DESTDIR=\(destination)")
    }

    /// Runs a script with nothing in the environment but the installed programs and the system's.
    ///
    /// - Parameter inherited: variables of this process that it needs besides.
    func run(_ script: String, in directory: String, inherited: [String] = []) async throws -> Machine.Answer {
        let file = "\(folder)/script-" + String(UInt32.random(in: 0...UInt32.max), radix: 36)
        try Data(script.utf8).write(to: URL(filePath: file))
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        try FileManager.default.createDirectory(atPath: "\(folder)/home", withIntermediateDirectories: true)
        var variables = [
            "PATH": "\(prefix)/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "\(folder)/home",
            "IMPRESARIO_CACHE": Prerequisites.cache,
        ]
        let own = ProcessInfo.processInfo.environment
        for name in inherited { variables[name] = name == "PATH" ? "\(prefix)/bin:" + (own["PATH"] ?? "") : own[name] }
        let settings = variables.map { "\($0.key)='\($0.value)'" }.joined(separator: " ")
        return try await Machine.shell("cd \(directory) && exec env -i \(settings) bash \(file) </dev/null")
    }
}
