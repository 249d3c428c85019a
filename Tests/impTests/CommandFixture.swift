// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioModel
import ServerFixture
import Synchronization
import Testing

@testable import imp

/// A folder and an environment in which command lines run in this process. Gone when the body ends.
struct CommandFixture {
    /// What a command line did.
    struct Outcome {
        let status: imp.ExitStatus
        let out: String
        let err: String
    }

    let folder: String
    var environment: [String: String]

    static func with<Result>(_ environment: [String: String] = [:], _ body: (CommandFixture) async throws -> Result) async throws -> Result
    {
        let folder = NSTemporaryDirectory() + "imp-test-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let own = [
            "HOME": folder, "XDG_CONFIG_HOME": folder + "/config", "XDG_STATE_HOME": folder + "/state", "IMPRESARIO_DATA": folder + "/data",
        ]
        return try await body(CommandFixture(folder: folder, environment: own.merging(environment) { $1 }))
    }

    /// With the member's token and project of a fixture's broker.
    static func with<Result>(_ server: ServerFixture, _ body: (CommandFixture) async throws -> Result) async throws -> Result {
        try await with(
            [
                "IMPRESARIO_SERVER": server.url, "IMPRESARIO_TOKEN": server.memberToken, "IMPRESARIO_TENANT": "acme",
                "IMPRESARIO_PROJECT": "shop",
            ], body)
    }

    func run(_ arguments: String..., input: String = "", answers: [String] = [], isInteractive: Bool = false) async -> Outcome {
        await run(arguments, input: input, answers: answers, isInteractive: isInteractive)
    }

    func run(_ arguments: [String], input: String = "", answers: [String] = [], isInteractive: Bool = false) async -> Outcome {
        let texts = Texts(answers: answers)
        let surroundings = Surroundings(
            environment: environment, out: { text in texts.value.withLock { $0.out += text } },
            err: { text in texts.value.withLock { $0.err += text } }, input: { Data(input.utf8) }, isInteractive: isInteractive,
            showsProgressBar: false,
            answer: { texts.value.withLock { $0.answers.isEmpty ? nil : $0.answers.removeFirst() } }, now: Timestamp.now)
        let status = await Surroundings.$current.withValue(surroundings) { await Imp.run(arguments: arguments) }
        return texts.value.withLock { Outcome(status: status, out: $0.out, err: $0.err) }
    }

    private final class Texts: Sendable {
        let value: Mutex<(out: String, err: String, answers: [String])>
        init(answers: [String]) { value = Mutex(("", "", answers)) }
    }
}
