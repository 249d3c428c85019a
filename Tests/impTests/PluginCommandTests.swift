// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioModel
import ServerFixture
import Testing

@testable import imp

/// Against a real broker; its runtime is a fake, to which a library is a text.
@Suite("imp plugin with a broker", .timeLimit(.minutes(2)))
struct PluginCommandTests {
    private static func with(_ body: @escaping @Sendable (CommandFixture) async throws -> Void) async throws {
        try await ServerFixture.with { server in
            try await CommandFixture.with(server) { fixture in
                var fixture = fixture
                fixture.environment["IMPRESARIO_TOKEN"] = server.adminToken
                try await body(fixture)
            }
        }
    }

    private static func library(_ name: String, _ text: String, _ fixture: CommandFixture) throws -> String {
        let folder = fixture.folder + "/libraries"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(filePath: "\(folder)/\(name)"))
        return "\(folder)/\(name)"
    }

    @Test("installs a folder, whatever one of its libraries is, and says what to type next")
    func folder() async throws {
        try await Self.with { fixture in
            _ = try Self.library("broken.so", "broken", fixture)
            _ = try Self.library("readme.txt", "broken", fixture)
            let good = try Self.library("good.so", "version 2.0.0", fixture)
            let both = await fixture.run("plugin", "install", fixture.folder + "/libraries")
            #expect(both.status == .failure && both.err.contains("broken.so:\nerror: "), "\(both.err)")
            #expect(both.out.contains(/toy +2\.0\.0 +installed/))
            #expect(both.err.contains("next: imp plugin enable toy --version 2.0.0\n"))
            // The same again is no error.
            #expect(await fixture.run("plugin", "install", good).status == .success)
            let lone = await fixture.run("plugin", "install", fixture.folder + "/libraries/broken.so")
            #expect(lone.status == .failure && lone.out.isEmpty && lone.err.contains("code:   plugin-invalid"))
        }
    }

    @Test("upgrades under a live cluster, moves it, takes it back, and removes what is not used")
    func life() async throws {
        try await Self.with { fixture in
            let made = await fixture.run("cluster", "create", "web", "--type", "toy", "--wait")
            #expect(made.status == .success, "\(made.err)")
            let library = try Self.library("new.so", "version 2.0.0", fixture)
            #expect(await fixture.run("plugin", "install", library).status == .success)

            let early = await fixture.run("plugin", "enable", "toy", "--version", "2.0.0")
            #expect(early.status == .refused, "\(early.err)")
            let tried = await fixture.run("plugin", "upgrade", "toy", "--dry-run")
            #expect(tried.status == .success && tried.out == "acme/shop/web (1.2.3): the same plan\n", "\(tried.err)")
            let upgraded = await fixture.run("plugin", "upgrade", "toy", "--to", "2.0.0")
            #expect(upgraded.status == .success && upgraded.err.contains("toy 2.0.0 is enabled"), "\(upgraded.err)")

            let moved = await fixture.run("plugin", "move", "toy", "--cluster", "web", "--wait")
            #expect(moved.status == .success && moved.out.contains(/acme +shop +web/), "\(moved.err)")
            #expect(await fixture.run("cluster", "show", "web").out.contains("toy 2.0.0"))
            #expect(await fixture.run("plugin", "move", "toy", "--all").out.contains("is there already"))
            let shown = await fixture.run("plugin", "show", "toy")
            #expect(shown.out.contains("CLUSTERS\nacme/shop/web\n"), "\(shown.out)")

            let back = await fixture.run("plugin", "rollback", "toy", "--project", "shop", "--wait")
            #expect(back.status == .success, "\(back.err)")
            #expect(await fixture.run("cluster", "show", "web").out.contains("toy 1.2.3"))
            let used = await fixture.run("plugin", "uninstall", "toy", "--version", "1.2.3")
            #expect(used.status == .refused && used.err.contains("acme/shop/web"), "\(used.err)")

            #expect(await fixture.run("plugin", "disable", "toy").out.contains(/2\.0\.0 +disabled/))
            let removed = await fixture.run("plugin", "uninstall", "toy", "--version", "2.0.0")
            #expect(removed.status == .success && removed.err == "toy 2.0.0 is uninstalled\n", "\(removed.err)")
            #expect(await fixture.run("plugin", "list", "-o", "json").out.contains("1.2.3"))
        }
    }

    @Test("shows what an upgrade would change, and changes it only when that is wanted")
    func differences() async throws {
        try await Self.with { fixture in
            #expect(await fixture.run("cluster", "create", "web", "--type", "toy", "--wait").status == .success)
            // Long enough for many pieces on the way.
            let library = try Self.library("new.so", "version 3.0.0 " + String(repeating: " ", count: 3 << 20), fixture)
            let installed = await fixture.run("plugin", "install", library, "-o", "json")
            let plugins: [Plugin] = try CanonicalJSON.decode(from: Data(installed.out.utf8))
            #expect(plugins.first?.pin.sha256 == (try Self.sha256(of: library)))

            let refused = await fixture.run("plugin", "upgrade", "toy")
            #expect(refused.status == .refused, "\(refused.err)")
            #expect(refused.out == "acme/shop/web (1.2.3)\n  /version: \"7.1\" → \"8.0\"\n")
            #expect(refused.err.contains("remedy: Say --accept") && refused.err.contains("code:   shadow-differs"))
            #expect(await fixture.run("plugin", "list").out.contains(/1\.2\.3 +enabled/))
            let accepted = await fixture.run("plugin", "upgrade", "toy", "--accept")
            #expect(accepted.status == .success && accepted.out == refused.out, "\(accepted.err)")
            #expect(await fixture.run("plugin", "list").out.contains(/3\.0\.0 +enabled/))
        }
    }

    private static func sha256(of path: String) throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/sha256sum")
        process.arguments = [path]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return String(String(decoding: data, as: UTF8.self).prefix(64))
    }

    @Test("puts a version into quarantine, tells why, and lifts it")
    func quarantine() async throws {
        try await Self.with { fixture in
            let shut = await fixture.run("plugin", "quarantine", "toy", "--reason", "it loses data")
            #expect(shut.out.contains("quarantined") && shut.err == "to take it back: imp plugin lift toy --version 1.2.3\n", "\(shut.err)")
            #expect(await fixture.run("plugin", "show", "toy").out.contains(/quarantined .*: it loses data/))
            let refused = await fixture.run("cluster", "create", "web", "--type", "toy")
            #expect(refused.status == .refused, "\(refused.err)")
            #expect(await fixture.run("plugin", "lift", "toy").out.contains("enabled"))
            let unknown = await fixture.run("plugin", "show", "tay")
            #expect(unknown.status == .notFound)
            let version = await fixture.run("plugin", "disable", "toy", "--version", "9.9.9")
            #expect(version.status == .notFound && version.err.contains("at:     --version"), "\(version.err)")
        }
    }

    @Test("names the packages that nobody has approved, and the line that approves them")
    func approval() async throws {
        try await Self.with { fixture in
            let library = try Self.library("new.so", "version 2.0.0 packages store-server,store-client", fixture)
            let installed = await fixture.run("plugin", "install", library)
            let line = "imp plugin enable toy --version 2.0.0 --approve store-server,store-client"
            #expect(installed.err.contains(line), "\(installed.err)")
            let refused = await fixture.run("plugin", "upgrade", "toy", "--to", "2.0.0", "--approve", "store-server")
            #expect(refused.status == .refused && refused.err.contains("store-server, store-client"), "\(refused.err)")
            #expect(refused.err.contains("imp plugin upgrade toy --to 2.0.0 --approve store-server,store-client"))
            let odd = await fixture.run("plugin", "upgrade", "toy", "--approve", "bash")
            #expect(odd.status == .refused && odd.err.contains("at:     --approve"), "\(odd.err)")
            #expect(await fixture.run("plugin", "upgrade", "toy", "--approve-all").status == .success)
            #expect(await fixture.run("plugin", "show", "toy").out.contains("packages:      store-server, store-client\n"))
        }
    }
}
