// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioModel
import Subprocess

/// Runs the machine's own programs (`ip`, `nft`, `runc` …). Their answers are read to the end and kept up to a bound.
enum Tools {
    /// A service's or cron's PATH often lacks the sbin folders, so the search path is the driver's own.
    static let path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

    /// Writing to a command that has closed its input is an error here, not a signal that ends the process.
    private static let ignorePipeSignal: Void = { _ = signal(SIGPIPE, SIG_IGN) }()

    static func find(_ name: String) -> String? {
        path.split(separator: ":").map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 }
    }

    /// - Parameter started: gets the process id before anything is read.
    /// - Throws: ``Problem`` when the program cannot be started. A non-zero exit code is an outcome.
    static func outcome(
        _ name: String, _ arguments: [String], input: Data = Data(), limit: Int = 1 << 20,
        started: @Sendable (pid_t) -> Void = { _ in }
    ) async throws -> CommandOutcome {
        _ = ignorePipeSignal
        do {
            let result = try await Subprocess.run(
                .name(name), arguments: Arguments(arguments),
                environment: .custom(["PATH": path, "LC_ALL": "C.UTF-8", "HOME": "/root", "DEBIAN_FRONTEND": "noninteractive"]),
                input: .inputWriter, output: .sequence, error: .sequence
            ) { execution in
                started(execution.processIdentifier.value)
                async let output = collect(execution.standardOutput, limit: limit)
                async let error = collect(execution.standardError, limit: limit)
                // A command that does not read all of its input is no failure.
                if !input.isEmpty { _ = try? await execution.standardInputWriter.write(Array(input)) }
                try? await execution.standardInputWriter.finish()
                return await (output, error)
            }
            let (output, error) = result.closureResult
            let code: Int32 =
                switch result.terminationStatus {
                case .exited(let code): code
                case .signaled(let signal): 128 + signal
                }
            return CommandOutcome(
                exitCode: code, output: output.data, error: error.data, isTruncated: output.isTruncated || error.isTruncated)
        } catch let error as SubprocessError {
            try Task.checkCancellation()
            throw Problem(
                .infrastructure, "A program that the local driver needs could not be run: \(name).", detail: error.description,
                owner: .admin, remedy: "Run 'impresario doctor' on this machine.")
        }
    }

    /// - Returns: what it printed.
    /// - Throws: ``Problem`` `infrastructure-failed` when it exits with anything but 0, with what it said as detail.
    @discardableResult
    static func run(_ name: String, _ arguments: [String], input: String = "") async throws -> String {
        let outcome = try await outcome(name, arguments, input: Data(input.utf8))
        guard outcome.exitCode == 0 else {
            let said = String(decoding: outcome.error.suffix(2000), as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
            throw Problem(
                .infrastructure, "\(name) failed on this machine.",
                detail: "\(name) \(arguments.joined(separator: " ")): exit code \(outcome.exitCode): \(said)")
        }
        return String(decoding: outcome.output, as: UTF8.self)
    }

    private static func collect(_ stream: SubprocessOutputSequence, limit: Int) async -> (data: Data, isTruncated: Bool) {
        var data = Data()
        var isTruncated = false
        do {
            for try await buffer in stream {
                buffer.withUnsafeBytes { bytes in
                    let room = limit - data.count
                    data.append(contentsOf: bytes.prefix(room))
                    if bytes.count > room { isTruncated = true }
                }
            }
        } catch {
            // The command was killed or its output taken over by a child of it; what was read so far counts.
        }
        return (data, isTruncated)
    }
}
