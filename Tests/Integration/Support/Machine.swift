// SPDX-License-Identifier: Apache-2.0

import Foundation
import Subprocess

/// The machine that the tests run on, asked from outside of the broker.
enum Machine {
    struct Answer {
        var succeeded: Bool
        /// stdout and stderr.
        var text: String
        var lines: [String] { text.split(separator: "\n").map(String.init) }
    }

    private static let prelude = "export PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin; exec 2>&1; "

    @discardableResult
    static func shell(_ script: String, _ environment: [String: String] = [:]) async throws -> Answer {
        var variables = Environment.inherit
        for (name, value) in environment { variables = variables.updating([.init(stringLiteral: name): value]) }
        let result = try await Subprocess.run(
            .name("bash"), arguments: ["-c", prelude + script], environment: variables, output: .string(limit: 1 << 20))
        return Answer(succeeded: result.terminationStatus.isSuccess, text: result.standardOutput)
    }

    /// For conditions of suites, which cannot wait.
    static func succeeds(_ script: String) -> Bool {
        let process = Process()
        process.executableURL = URL(filePath: "/bin/bash")
        process.arguments = ["-c", prelude + "(\(script)) >/dev/null"]
        do { try process.run() } catch { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }

    /// Folder of the programs as built, which is that of the tests' bundle.
    static let products: URL = {
        let arguments = CommandLine.arguments
        let bundle = arguments.firstIndex(of: "--test-bundle-path").map { arguments[$0 + 1] } ?? arguments[0]
        return URL(filePath: bundle).deletingLastPathComponent()
    }()

    /// The children, grandchildren and so on of a process whose program has this name.
    static func descendants(of process: Int32, named name: String) async throws -> [Int32] {
        let listing = try await shell("ps -e -o pid= -o ppid= -o comm=").lines
        let rows = listing.compactMap { line -> (id: Int32, parent: Int32, name: String)? in
            let words = line.split(separator: " ", maxSplits: 2)
            guard words.count == 3, let id = Int32(words[0]), let parent = Int32(words[1]) else { return nil }
            return (id, parent, String(words[2]))
        }
        var family: Set<Int32> = [process]
        while true {
            let more = rows.filter { family.contains($0.parent) }.map(\.id)
            guard !family.isSuperset(of: more) else { break }
            family.formUnion(more)
        }
        // The kernel keeps the first 15 characters.
        return rows.filter { family.contains($0.id) && $0.name == name.prefix(15) }.map(\.id)
    }
}

struct TooLate: Error, CustomStringConvertible {
    var description: String
}

/// Asks until it is so; gives up after a while.
func until(_ what: String, within limit: Duration = .seconds(20), _ condition: () async throws -> Bool) async throws {
    let deadline = ContinuousClock.now + limit
    while try await !condition() {
        guard ContinuousClock.now < deadline else { throw TooLate(description: "not within \(limit): \(what)") }
        try await Task.sleep(for: .milliseconds(20))
    }
}
