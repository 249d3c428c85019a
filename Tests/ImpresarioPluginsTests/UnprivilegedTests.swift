// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import GuestTesting
import ImpresarioModel
import Testing

@testable import ImpresarioPlugins

/// Guests of a broker that is not root: here a guest host that gives root up before it begins.
@Suite(.enabled(if: geteuid() == 0, "skipped: only root can become somebody who is not"))
struct UnprivilegedTests {
    @Test func allThatUserNamespacesGiveIsThere() async throws {
        try await Self.with { fixture in
            let layers = try await fixture.pool.sandbox()
            let namespaces = try #require(layers.first { $0.name == "namespaces" })
            let policy = SandboxPolicy.automatic(isRoot: false)
            if namespaces.isActive {
                #expect(namespaces.detail.contains("without root"))
                #expect(policy.missing(in: layers) == [])
            } else {
                // This machine gives none to users: nothing is loaded by default, and it says what is missing.
                #expect(policy.missing(in: layers).map(\.name).contains("namespaces"))
            }
            #expect(layers.filter { SandboxPolicy.privileged.contains($0.name) }.allSatisfy { !$0.isActive && !$0.detail.isEmpty })
            let answer = try await fixture.call(do: "escape")
            for what in ["read", "write", "socket", "fork", "exec", "kill"] { #expect(answer[what] == 0, "\(what)") }
        }
    }

    @Test func whatIsRequiredAndMissingIsNamed() async throws {
        var options = GuestOptions()
        options.requiredLayers = try SandboxPolicy("strict", isRoot: false).required
        try await Self.with(options: options) { fixture in
            for _ in 0..<CrashLoopRule.ends + 1 {
                let problem = await #expect(throws: Problem.self) { try await fixture.call(do: "nothing") }
                #expect(problem?.code == "sandbox-missing" && problem?.owner == .admin, "\(String(describing: problem))")
                #expect(problem?.message.contains("'cgroup'") == true && problem?.remedy?.contains("'sandbox'") == true)
            }
        }
    }

    private static func with(options: GuestOptions = GuestOptions(), _ body: (GuestFixture) async throws -> Void) async throws {
        let folder = try GuestFixture.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let (guest, script) = (folder.appending(path: "guest"), folder.appending(path: "without-root"))
        try FileManager.default.copyItem(atPath: GuestFixture.guestExecutable, toPath: guest.path)
        let text = "#!/bin/sh\nexec setpriv --reuid 65534 --regid 65534 --clear-groups -- '\(guest.path)' \"$@\"\n"
        try Data(text.utf8).write(to: script)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: script.path)
        try await GuestFixture.with(executable: script.path, options: options, body)
    }
}
