// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// A broker of its own, as a process, with a folder, an address and names that nobody else has. It can die and be started again.
final class Installation {
    /// Holds all that this installation has on disk.
    let folder: String
    var data: String { "\(folder)/data" }
    var log: String { "\(folder)/broker.log" }
    private(set) var broker: Process?
    /// Of `serve`, beside those that every test gives.
    private let arguments: [String]

    private init(arguments: [String]) throws {
        self.arguments = arguments
        folder = "/var/tmp/impresario-integration-" + String(UInt64.random(in: 0...(1 << 40)), radix: 36)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }

    /// Runs the body with a broker that serves, deletes whatever clusters there are, stops the broker, and checks that nothing is left: all
    /// of it also when the body throws.
    static func with<Value>(arguments: [String] = [], _ body: (Installation) async throws -> Value) async throws -> Value {
        let installation = try Installation(arguments: arguments)
        let result: Result<Value, any Error>
        do {
            try await installation.start()
            result = .success(try await body(installation))
        } catch {
            result = .failure(error)
            let words = try? await Machine.shell("tail -n 30 \(installation.log)").text
            Issue.record("\(error)\nThe broker's last words:\n\(words ?? "")")
        }
        do { try await installation.tearDown() } catch { Issue.record("clearing away: \(error)") }
        return try result.get()
    }

    /// A DNS label that everything made outside the folder carries.
    var id: String {
        get throws { try String(contentsOfFile: "\(data)/installation", encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines) }
    }
    var address: String {
        get throws { try String(contentsOfFile: "\(data)/server.address", encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines) }
    }
    var adminToken: String {
        get throws { try String(contentsOfFile: "\(data)/admin.token", encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines) }
    }

    // MARK: the process

    /// - Parameter crashingAt: the broker kills itself there, such as `create.bootstrap.performed`.
    func start(crashingAt point: String? = nil) async throws {
        precondition(broker == nil)
        try? FileManager.default.removeItem(atPath: "\(data)/server.address")
        let process = Process()
        process.executableURL = Machine.products.appending(path: "impresario")
        process.arguments = ["serve", "--listen", "127.0.0.1:0", "--data", data, "--cache", Prerequisites.cache] + arguments
        var environment = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("IMPRESARIO_") }
        environment["IMPRESARIO_CRASH_AT"] = point
        process.environment = environment
        if !FileManager.default.fileExists(atPath: log) { try Data().write(to: URL(filePath: log)) }
        let output = try FileHandle(forWritingTo: URL(filePath: log))
        try output.seekToEnd()
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = output
        try process.run()
        broker = process
        try await until("the broker serves", within: .seconds(60)) {
            guard process.isRunning else { throw TooLate(description: "the broker ended: \(process.terminationStatus)") }
            guard (try? address) != nil else { return false }
            return (try? await ask("GET", "/readyz").status) == 200
        }
    }

    func kill() async throws {
        guard let broker else { return }
        Glibc.kill(broker.processIdentifier, SIGKILL)
        try await died()
    }

    /// Waits for the end that a crash point brings.
    func died(within limit: Duration = .seconds(60)) async throws {
        guard let broker else { return }
        try await until("the broker dies", within: limit) { !broker.isRunning }
        #expect(broker.terminationReason == .uncaughtSignal && broker.terminationStatus == SIGKILL)
        self.broker = nil
    }

    /// In good order; a broker that takes its time is killed.
    func stop() async throws {
        guard let broker else { return }
        broker.terminate()
        do {
            try await until("the broker stops", within: .seconds(30)) { !broker.isRunning }
            #expect(broker.terminationReason == .exit && broker.terminationStatus == 0)
        } catch {
            Glibc.kill(broker.processIdentifier, SIGKILL)
            broker.waitUntilExit()
            Issue.record("\(error)")
        }
        self.broker = nil
    }

    // MARK: the end

    private func tearDown() async throws {
        // A broker that never came so far has made nothing.
        guard let id = try? id else { return try FileManager.default.removeItem(atPath: folder) }
        let leftovers = Leftovers(installation: id, folder: folder)
        let devices = try await leftovers.devices()
        do {
            if let broker, !broker.isRunning { self.broker = nil }
            if broker == nil { try await start() }
            try await deleteClusters()
        } catch { Issue.record("deleting what is left: \(error)") }
        try await stop()
        let left = try await leftovers.found(devices: devices)
        #expect(left == [])
        try await leftovers.sweep()
        try FileManager.default.removeItem(atPath: folder)
    }
}
