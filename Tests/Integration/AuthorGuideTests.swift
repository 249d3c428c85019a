// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

extension RealEngines {
    /// docs/plugin-author-guide.md, done word for word with what `make install` laid down.
    @Suite struct AuthorGuideTests {
        @Test("The guide's commands end in a plugin with the best grade that manages a cluster, and in nothing left behind")
        func guide() async throws {
            try await InstalledPrefix.with { installed in
                let text = try String(contentsOfFile: "\(installed.prefix)/share/impresario/doc/plugin-author-guide.md", encoding: .utf8)
                let blocks = Self.blocks(text)
                try #require(blocks.count >= 8)
                var script = "set -e\ntrap 'status=$?; set +e; \(Self.rescue); exit $status' EXIT\n"
                for (index, block) in blocks.enumerated() { script += "echo '== \(index)'\n\(block)\n" }
                script += "trap - EXIT\n"
                let work = "\(installed.folder)/work"
                let done = try await installed.run(script, in: work)
                let log = try? String(contentsOfFile: "\(work)/heartbeat/broker.log", encoding: .utf8)
                #expect(done.succeeded, "\(done.text)\nThe broker's last words:\n\((log ?? "").suffix(4000))")

                let outputs = Self.outputs(done.text)
                try #require(outputs.count == blocks.count)
                func output(of command: String) throws -> String {
                    outputs[try #require(blocks.firstIndex { $0.contains(command) }, "\(command)")]
                }
                #expect(try output(of: "make verify").contains(/(?m)grade:? +A\b/.ignoresCase()), "\(outputs[1])")
                #expect(try output(of: "imp plugin enable").contains(/heartbeat +1\.0\.0 +enabled/))
                #expect(try output(of: "imp cluster create").contains(/demo +heartbeat +ready +healthy +3/))
                #expect(try output(of: "imp cluster env").contains("hello from a node\n"))
                #expect(try output(of: "imp plugin move").contains(/plugin: +heartbeat 1\.1\.0/))
                #expect(try output(of: "imp cluster delete").contains("cluster demo is deleted"))

                let id = try String(contentsOfFile: "\(work)/heartbeat/try/installation", encoding: .utf8)
                let leftovers = Leftovers(
                    installation: id.trimmingCharacters(in: .whitespacesAndNewlines), folder: "\(work)/heartbeat/try")
                #expect(try await leftovers.found() == [])
                try await leftovers.sweep()
            }
        }

        /// When a command fails: what the last block would have done.
        private static let rescue = "imp cluster delete demo --wait; kill %1; wait"

        /// The commands of each fenced block of shell, in order.
        static func blocks(_ guide: String) -> [String] {
            guide.components(separatedBy: "```sh\n").dropFirst().compactMap { $0.components(separatedBy: "```").first }
        }

        private static func outputs(_ text: String) -> [String] {
            ("\n" + text).split(separator: /\n== \d+\n/, omittingEmptySubsequences: false).dropFirst().map { $0 + "\n" }
        }

        // MARK: other languages

        @Test(
            "A new plugin in C++ builds, has the best grade and needs nothing but a compiler",
            .enabled(if: hasTemplate("cpp"), "skipped: there is no template for it"),
            .enabled(if: Machine.succeeds("command -v c++"), "skipped: this machine has no C++ compiler"))
        func cpp() async throws { try await Self.make("cpp") }

        @Test(
            "A new plugin in Rust builds, has the best grade and needs nothing but cargo",
            .enabled(if: hasTemplate("rust"), "skipped: there is no template for it"),
            .enabled(if: Machine.succeeds("command -v cargo"), "skipped: this machine has no cargo"))
        func rust() async throws { try await Self.make("rust", inherited: ["PATH", "HOME", "CARGO_HOME", "RUSTUP_HOME"]) }

        @Test(
            "A new plugin in Swift builds, has the best grade and needs nothing but the toolchain",
            .enabled(if: hasTemplate("swift"), "skipped: there is no template for it"),
            .enabled(if: Machine.succeeds("command -v swift"), "skipped: this machine has no Swift on its PATH"))
        func swift() async throws { try await Self.make("swift", inherited: ["PATH"]) }

        private static func hasTemplate(_ language: String) -> Bool {
            FileManager.default.fileExists(atPath: "\(InstalledPrefix.sources)/Sources/SDK/templates/\(language)/Makefile")
        }

        private static func make(_ language: String, inherited: [String] = []) async throws {
            try await InstalledPrefix.with { installed in
                let made = try await installed.run(
                    """
                    set -e
                    imp plugin new --language \(language) heart-beat
                    cd heart-beat
                    make
                    make verify
                    """, in: "\(installed.folder)/work", inherited: inherited)
                #expect(made.succeeded && made.text.contains(/(?m)grade:? +A\b/.ignoresCase()), "\(made.text.suffix(6000))")
            }
        }
    }
}
