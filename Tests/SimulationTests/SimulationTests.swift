// SPDX-License-Identifier: Apache-2.0

import Foundation
import SimulationKit
import Subprocess
import Testing

/// A short run of the program that `make simulate` runs, and proof that it finds what it is for.
@Suite struct SimulationTests {
    /// - Returns: its last lines.
    private func run(_ arguments: [String]) async throws -> (isGood: Bool, output: String) {
        // Beside the test bundle.
        let program = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent().appending(path: "Simulation").path
        let result = try await Subprocess.run(
            .name("env"), arguments: .init([program] + arguments), output: .string(limit: 1 << 20), error: .string(limit: 1 << 16))
        return (result.terminationStatus.isSuccess, result.standardOutput + result.standardError)
    }

    @Test("A broker that dies before or after any call leaves nothing wrong behind", arguments: Scenario.all.map(\.name))
    func scenario(name: String) async throws {
        let (isGood, output) = try await run(["--scenario", name, "--jobs", "1"])
        #expect(isGood, "\(output)")
    }

    @Test("Random histories end with everything in order")
    func histories() async throws {
        let (isGood, output) = try await run(["--no-scenarios", "--seeds", "24", "--actions", "80"])
        #expect(isGood, "\(output)")
    }

    /// In order: a limit that a cluster on its way out of the line exceeded, a health report that ran beside an earlier attempt of `leave`, cpu
    /// that a tombstone took back.
    @Test("Seeds that have found something find nothing any more", arguments: [44, 1046, 1075])
    func remembered(seed: Int) async throws {
        let (isGood, output) = try await run(["--seed", String(seed), "--actions", "400"])
        #expect(isGood, "\(output)")
    }

    @Test("A seed is the same history every time")
    func repetition() async throws {
        let first = try await run(["--no-scenarios", "--first", "7", "--seeds", "3", "--actions", "60", "--digest"])
        let second = try await run(["--no-scenarios", "--first", "7", "--seeds", "3", "--actions", "60", "--digest"])
        let digest = first.output.split(separator: "\n").first { $0.hasPrefix("digest ") }
        #expect(digest != nil && second.output.split(separator: "\n").contains { $0 == digest ?? "" }, "\(first.output)\n\(second.output)")
    }

    @Test("A fault that is planted is found, and told with what it was and how to see it again", arguments: Sabotage.all.map(\.name))
    func planted(name: String) async throws {
        let sabotage = try #require(Sabotage.all.first { $0.name == name })
        let arguments = sabotage.scenario.map { ["--scenario", $0] } ?? ["--no-scenarios", "--seeds", "30", "--actions", "80"]
        let (isGood, output) = try await run(arguments + ["--sabotage", name, "--jobs", "1"])
        #expect(!isGood && output.contains("VIOLATION") && output.contains("again: make simulate"), "\(output)")
    }
}
