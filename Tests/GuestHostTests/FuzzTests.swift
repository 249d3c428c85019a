// SPDX-License-Identifier: Apache-2.0

import Foundation
import GuestTesting
import Testing

/// The guest host's readers under drawn conversations, right ones and broken ones, with sanitizers. `docs/abi/frames.md` says how to run it for longer.
@Suite struct FuzzTests {
    @Test func drawnConversationsFindNothing() async throws {
        let environment = ProcessInfo.processInfo.environment
        let seed = environment["IMPRESARIO_FUZZ_SEED"] ?? "\(UInt32.random(in: 0 ... .max))"
        let folder = try GuestFixture.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let sources = GuestFixture.packageRoot.appending(path: "Sources")
        let program = try await GuestFixture.build(
            "guest", from: "Tests/Fuzz", into: folder,
            flags: [
                "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-I", sources.appending(path: "CLinux/include").path,
                "-I",
                sources.appending(path: "GuestHost").path, "-lffi", "-ldl",
            ], shared: false, including: [sources.appending(path: "GuestHost"), sources.appending(path: "CLinux")])
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = [seed, environment["IMPRESARIO_FUZZ_CASES"] ?? "20000"]
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let text = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        // The last seed that was told is the case that ended it.
        #expect(process.terminationStatus == 0 && process.terminationReason == .exit, "IMPRESARIO_FUZZ_SEED=\(seed): \(text.suffix(4000))")
    }
}
