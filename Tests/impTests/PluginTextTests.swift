// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioModel
import Testing

@testable import imp

@Suite("What imp tells of plugins")
struct PluginTextTests {
    private static let hash = String(repeating: "a1b2c3d4", count: 8)
    private static let older = PluginPin(id: "store", version: "1.0.0", sha256: hash)
    private static let newer = PluginPin(id: "store", version: "1.1.0", sha256: "ff" + hash.dropFirst(2))

    private static func plugin(
        _ pin: PluginPin, _ state: Plugin.State, packages: [String] = ["store-server"], approved: [String]? = nil,
        quarantine: Plugin.Quarantine? = nil
    ) -> Plugin {
        Plugin(
            pin: pin,
            manifest: PluginManifest(
                id: pin.id, version: pin.version, vendor: "Example", license: "Apache-2.0", url: nil, stateFormat: 1, packages: packages,
                types: []),
            state: state,
            sandbox: [
                SandboxLayer(name: "user", isActive: true, detail: "a user of its own"),
                SandboxLayer(name: "network", isActive: false, detail: "no right to make a namespace"),
            ], installedAt: Timestamp(milliseconds: 0), approvedPackages: approved, quarantine: quarantine)
    }

    private static func cluster(_ name: String, _ pin: PluginPin = older) -> PluginDetail.PinnedCluster {
        PluginDetail.PinnedCluster(id: ID("c-\(name)"), name: name, tenant: "acme", project: "shop", pin: pin)
    }

    @Test("shows versions, approvals, sandbox, quarantine and pinned clusters")
    func detail() throws {
        let quarantine = Plugin.Quarantine(
            reason: "It crashed 5 times within 60 s.", lines: ["loading\u{1b}[2J", "assertion failed"], since: Timestamp(milliseconds: 0),
            previous: .enabled)
        let detail = PluginDetail(
            id: "store",
            versions: [
                Self.plugin(Self.newer, .installed, packages: ["store-server", "store-client"]),
                Self.plugin(Self.older, .quarantined, approved: ["store-server"], quarantine: quarantine),
            ],
            clusters: [
                Self.cluster("one"), Self.cluster("two"), Self.cluster("lost", PluginPin(id: "store", version: "0.9.0", sha256: "00")),
            ])
        try expectSnapshot(detail.text, "plugin-show")
        #expect(try detail.version(nil).pin == Self.newer)
        #expect(try detail.version("1.0.0").pin == Self.older)
        #expect(try detail.version("ffb2").pin == Self.newer)
        #expect(throws: Problem.self) { try detail.version("2.0.0") }
        #expect(throws: Problem.self) { try detail.version("a1") }
    }

    @Test("shows what another version would plan")
    func shadow() throws {
        let report = ShadowReport(
            plugin: "store", to: Self.newer,
            clusters: [
                .init(cluster: Self.cluster("same"), differences: [], nondeterminism: []),
                .init(
                    cluster: Self.cluster("other"),
                    differences: [.init(at: "/groups/0/count", old: 3, new: 5), .init(at: "/endpoints/1", old: nil, new: ["name": "b"])],
                    nondeterminism: [.init(at: "/version", old: "1", new: "2")]),
                .init(
                    cluster: Self.cluster("none"), differences: [], nondeterminism: [],
                    problem: Problem(.pluginCrashed, "The plugin crashed.")),
            ], enabled: false)
        try expectSnapshot(report.text, "plugin-shadow")
        #expect(!report.isClean)
    }

    @Test("shows a row for each cluster that was asked to move")
    func moves() throws {
        let moves = PinMoves(moves: [
            .init(cluster: Self.cluster("one"), operation: ID("o1")), .init(cluster: Self.cluster("two", Self.newer)),
            .init(cluster: Self.cluster("three"), problem: Problem(.notReady, "It is busy.")),
        ])
        try expectSnapshot(Table(moves).render(), "plugin-moves")
    }

    @Test("says what to type next")
    func next() {
        #expect(
            Self.plugin(Self.newer, .installed, packages: ["a", "b"]).next.hasSuffix(
                "imp plugin enable store --version 1.1.0 --approve a,b"))
        #expect(
            Self.plugin(Self.newer, .installed, packages: []).next
                == "store 1.1.0 puts no packages on nodes; next: imp plugin enable store --version 1.1.0")
        #expect(Self.plugin(Self.newer, .enabled).next == "store 1.1.0 is enabled")
    }

    @Test(
        "names what is missing or too much on the command line", .timeLimit(.minutes(1)),
        arguments: [
            ["move", "x"], ["move", "x", "--all", "--cluster", "y"], ["rollback", "x", "--all", "--project", "y"], ["quarantine", "x"],
            ["enable", "x", "--approve", "a", "--approve-all"], ["install"], ["install", "/nonexistent.so"], ["install", "/proc/self"],
            ["new", "x"], ["new", "--language", "cobol", "x"],
        ])
    func usage(_ words: [String]) async throws {
        try await CommandFixture.with(["IMPRESARIO_SERVER": "http://127.0.0.1:1", "IMPRESARIO_TOKEN": "x"]) { fixture in
            let outcome = await fixture.run(["plugin"] + words)
            #expect(outcome.status == .usage, "\(outcome.err)")
            #expect(outcome.out.isEmpty && outcome.err.hasPrefix("error: "))
        }
    }

    @Test("asks before what is not easily taken back")
    func questions() async throws {
        try await CommandFixture.with(["IMPRESARIO_SERVER": "http://127.0.0.1:1", "IMPRESARIO_TOKEN": "x"]) { fixture in
            for words in [["uninstall", "x"], ["quarantine", "x", "--reason", "y"], ["move", "x", "--all"], ["rollback", "x", "--all"]] {
                let refused = await fixture.run(["plugin"] + words, answers: ["n"], isInteractive: true)
                #expect(refused.status == .failure && refused.err.hasSuffix("[y/N] nothing was done\n"), "\(refused.err)")
                #expect(await fixture.run(["plugin"] + words + ["--yes"], isInteractive: true).status == .unreachable)
            }
        }
    }
}
