// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioModel

/// What a command sees of the world besides the broker. A task-local value, so that tests run commands in surroundings of their own.
struct Surroundings: Sendable {
    var environment: [String: String]
    /// Writes as is, without a line end.
    var out: @Sendable (String) -> Void
    var err: @Sendable (String) -> Void
    /// All of standard input.
    var input: @Sendable () throws -> Data
    /// Someone can be asked: standard input and error are terminals.
    var isInteractive: Bool
    /// Standard error is a terminal, so a line on it can be rewritten.
    var showsProgressBar: Bool
    var answer: @Sendable () -> String?
    var now: @Sendable () -> Timestamp

    @TaskLocal static var current = Surroundings.process

    static let process = Surroundings(
        environment: ProcessInfo.processInfo.environment,
        out: { FileHandle.standardOutput.write(Data($0.utf8)) },
        err: { FileHandle.standardError.write(Data($0.utf8)) },
        input: { try FileHandle.standardInput.readToEnd() ?? Data() },
        isInteractive: isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1,
        showsProgressBar: isatty(STDERR_FILENO) == 1,
        answer: { readLine() },
        now: Timestamp.now)

    /// - Throws: ``CommandFailure/notConfirmed``. Without a terminal nobody can be asked, and the command is taken at its word.
    func confirm(_ question: String, yes: Bool) throws {
        guard isInteractive, !yes else { return }
        err("\(question) [y/N] ")
        guard let text = answer()?.lowercased(), ["y", "yes"].contains(text) else { throw CommandFailure.notConfirmed }
    }

    func note(_ line: String) { err(line + "\n") }
}
