// SPDX-License-Identifier: Apache-2.0

import Foundation
import GuestTesting
import ImpresarioModel
import ImpresarioPluginTools
import ImpresarioPlugins
import Subprocess
import Synchronization
import Testing

@Suite(.serialized) struct DebuggerTests {
    private static let debugger = ["/usr/bin/gdb", "/usr/local/bin/gdb"].first { FileManager.default.isExecutableFile(atPath: $0) }

    /// Why it cannot be tried; nil when it can.
    private static let obstacle: String? =
        geteuid() != 0 ? "skipped: attaching to the guest's user needs root" : debugger == nil ? "skipped: this machine has no gdb" : nil

    @Test(.enabled(if: obstacle == nil, obstacle.map { Comment(rawValue: $0) }), .timeLimit(.minutes(5)))
    func `the line that is told attaches and stops in the plugin's entry, in the sandbox as it always is, and the run goes on without it`()
        async throws
    {
        let hasOwnProc = try await GuestFixture.with { fixture in
            try await fixture.pool.sandbox().contains { $0.name == "root" && $0.detail.contains("a /proc of its own") }
        }
        try await PlantedFixture.with("clean") { library in
            let (lines, told) = AsyncStream<String>.makeStream()
            // Cancelled when the debugger fails: without one it would wait for ever.
            async let transcript = Self.run(library, telling: told)
            try await Self.debug(lines, hasOwnProc: hasOwnProc)
            let last = try await transcript.last
            #expect(last == "health: healthy")
        }
    }

    /// Makes one cluster; its transcript.
    private static func run(_ library: String, telling told: AsyncStream<String>.Continuation) async throws -> [String] {
        defer { told.finish() }
        let guest = GuestFixture.guestExecutable
        let type = try #require(try await LocalHost.manifest(of: library, guest: guest).types.first)
        let ground = try await Ground.open(.simulated, cache: "/nonexistent", logger: PlantedFixture.logger)
        let transcript = Mutex<[String]>([])
        try await LocalHost.with(
            library: library, guest: guest, ground: ground, type: type, waitsForDebugger: true,
            tell: { line in
                transcript.withLock { $0.append(line) }
                told.yield(line)
            }
        ) { host in try await host.make(["nodes": 2]) }
        try await ground.close()
        return transcript.withLock { $0 }
    }

    /// Types the first line for a debugger that is told; returns without one when the run has failed.
    private static func debug(_ lines: AsyncStream<String>, hasOwnProc: Bool) async throws {
        for await line in lines {
            guard let process = line.firstMatch(of: /on process ([0-9]+)/)?.1 else { continue }
            if hasOwnProc { #expect(!FileManager.default.fileExists(atPath: "/proc/\(process)/root/proc/\(getpid())")) }
            let command = try #require(line.firstMatch(of: /gdb .*/)?.0)
            let result = try await Subprocess.run(
                .name("sh"), arguments: ["-c", "\(command) -batch -nx -ex 'backtrace 1' -ex 'info symbol $pc' -ex delete -ex detach"],
                output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
            try #require(
                result.standardOutput.contains(/Breakpoint 1, (0x[0-9a-f]+ in )?imp_plugin_v0/),
                "\(result.standardOutput)\(result.standardError)")
            // By the library's own name, and so with the symbols that it has.
            #expect(result.standardOutput.contains(/imp_plugin_v0 .*in section \.text of \/.*clean\.so/), "\(result.standardOutput)")
            return
        }
    }
}
