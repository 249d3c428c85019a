// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioModel
import ServerFixture
import Testing

@testable import imp

@Suite("Ctrl-C", .timeLimit(.minutes(1)))
struct InterruptTests {
    /// The program as built, which is beside the tests' bundle.
    private static var program: URL {
        let arguments = CommandLine.arguments
        let bundle = arguments.firstIndex(of: "--test-bundle-path").map { arguments[$0 + 1] } ?? arguments[0]
        return URL(fileURLWithPath: bundle).deletingLastPathComponent().appending(path: "imp")
    }

    @Test("ends the waiting and not the operation, and says so")
    func interrupt() async throws {
        let gate = FakeToyPlugin.Gate()
        try await ServerFixture.with(plugin: FakeToyPlugin(gate: gate)) { server in
            try await CommandFixture.with(server) { fixture in
                let process = Process()
                process.executableURL = Self.program
                process.arguments = ["cluster", "create", "web", "--type", "toy", "--wait"]
                process.environment = fixture.environment
                let (out, err) = (Pipe(), Pipe())
                process.standardOutput = out
                process.standardError = err
                let (chunks, input) = AsyncStream.makeStream(of: String.self)
                err.fileHandleForReading.readabilityHandler = { handle in
                    let data = handle.availableData
                    if data.isEmpty { input.finish() } else { input.yield(String(decoding: data, as: UTF8.self)) }
                }
                let (ended, end) = AsyncStream.makeStream(of: Int32.self)
                process.terminationHandler = { end.yield($0.terminationStatus) }
                try process.run()
                var text = ""
                var isSent = false
                for await chunk in chunks {
                    text += chunk
                    if !isSent, text.contains("bootstrap: running") {
                        isSent = true
                        kill(process.processIdentifier, SIGINT)
                    }
                    // Not until the end of the file: a process that another test starts at this moment may hold the pipe open.
                    if text.contains(/imp operation watch o\w+\n/) { break }
                }
                err.fileHandleForReading.readabilityHandler = nil
                #expect(await ended.first { _ in true } == 130)
                let id = try #require(text.firstMatch(of: /the operation goes on: imp operation watch (o\w+)/)?.1)
                #expect(text.hasSuffix("watch \(id)\n"))
                let running = await fixture.run("operation", "show", String(id))
                #expect(running.out.contains(/state: +running/), "\(running.out)")
                gate.open()
                #expect(await fixture.run("operation", "watch", String(id)).status == .success)
            }
        }
    }
}
