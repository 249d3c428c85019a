// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import GuestTesting
import ImpresarioModel
import ImpresarioPlugins
import Testing

@Suite struct SandboxTests {
    @Test func aPluginCannotGetOut() async throws {
        try await GuestFixture.with { fixture in
            let answer = try await fixture.call(do: "escape")
            for what in ["read", "write", "socket", "fork", "exec", "kill"] { #expect(answer[what] == 0, "\(what)") }
            if geteuid() == 0 {
                #expect((answer["uid"]?.integer ?? 0) > 1_000_000)
                #expect(answer["pid"] == 2)
            }
        }
    }

    @Test func whatRuntimesNeedWorks() async throws {
        try await GuestFixture.with { fixture in
            let answer = try await fixture.call(do: "live")
            #expect(answer == ["thread": 1, "memory": 1, "stack": 1])
        }
    }

    @Test(.enabled(if: geteuid() == 0)) func rootGetsEveryLayer() async throws {
        var options = GuestOptions()
        options.requiredLayers = try SandboxPolicy("strict", isRoot: true).required
        try await GuestFixture.with(options: options) { fixture in
            let inspection = try await fixture.pool.inspect(library: fixture.folder.appending(path: "probe.so").path)
            #expect(inspection.sandbox.filter { !$0.isActive } == [])
        }
    }

    @Test(.enabled(if: geteuid() == 0)) func memoryAndThreadsAreBounded() async throws {
        var options = GuestOptions()
        options.memoryLimit = 64 << 20
        options.processLimit = 32
        try await GuestFixture.with(options: options) { fixture in
            let problem = await #expect(throws: Problem.self) { try await fixture.call(do: "eat") }
            #expect(problem?.code == "plugin-crashed" && problem?.facts?["signal"] == "SIGKILL")
            #expect(problem?.facts?["reason"] == "out-of-memory" && problem?.facts?["limit"] == .integer(64 << 20))
            let answer = try await fixture.call(do: "threads")
            #expect(answer["bounded"] == true)
        }
    }
}
