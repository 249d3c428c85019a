// SPDX-License-Identifier: Apache-2.0

import Foundation
import GuestTesting
import ImpresarioModel
import ImpresarioPluginTools
import Subprocess
import Synchronization
import Testing

@Suite(.serialized) struct DebuggerTests {
    private static let debugger = ["/usr/bin/gdb", "/usr/local/bin/gdb"].first { FileManager.default.isExecutableFile(atPath: $0) }

    /// Why it cannot be tried; nil when it can.
    private static let obstacle: String? =
        geteuid() != 0 ? "skipped: attaching to the guest's user needs root" : debugger == nil ? "skipped: this machine has no gdb" : nil

    @Test(
        .enabled(if: obstacle == nil, obstacle.map { Comment(rawValue: $0) }), .timeLimit(.minutes(3)),
        .disabled("skipped: since guests have a root directory of their own, one that gdb attached to is killed when it goes on"))
    func `a debugger that attaches stops in the plugin's entry, and the run goes on without it`() async throws {
        try await PlantedFixture.with("clean") { library in
            let guest = GuestFixture.guestExecutable
            let manifest = try await LocalHost.manifest(of: library, guest: guest)
            let type = try #require(manifest.types.first)
            let ground = try await Ground.open(.simulated, cache: "/nonexistent", logger: PlantedFixture.logger)
            let (lines, told) = AsyncStream<String>.makeStream()
            let transcript = Mutex<[String]>([])
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await Self.debug(lines) }
                try await LocalHost.with(
                    library: library, guest: guest, ground: ground, type: type, waitsForDebugger: true,
                    tell: { line in
                        transcript.withLock { $0.append(line) }
                        told.yield(line)
                    }
                ) { host in try await host.make(["nodes": 2]) }
                try await group.waitForAll()
            }
            #expect(transcript.withLock { $0.last } == "health: healthy")
            try await ground.close()
        }
    }

    private static func debug(_ lines: AsyncStream<String>) async throws {
        for await line in lines {
            guard let process = line.firstMatch(of: /on process ([0-9]+)/)?.1 else { continue }
            let result = try await Subprocess.run(
                .name("gdb"),
                arguments: [
                    "-batch", "-nx", "-p", String(process), "-ex", "set breakpoint pending on", "-ex", "break imp_plugin_v0", "-ex",
                    "continue",
                    "-ex", "backtrace 1", "-ex", "delete", "-ex", "detach",
                ], output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
            #expect(
                result.standardOutput.contains("#0  0x") || result.standardOutput.contains("#0  imp_plugin_v0"), "\(result.standardOutput)")
            #expect(result.standardOutput.contains("imp_plugin_v0"), "\(result.standardOutput)\(result.standardError)")
            return
        }
    }
}
