// SPDX-License-Identifier: Apache-2.0

public import ArgumentParser
import Foundation
import ImpresarioModel
public import ImpresarioPluginTools
import ImpresarioPlugins
import Logging

extension Ground.Choice: ExpressibleByArgument {}

/// Where tools for authors get nodes and guests from.
struct NodeOptions: ParsableArguments {
    @Option(help: "Real nodes of this machine, simulated ones, or what can be had.")
    var nodes = Ground.Choice.auto

    @Option(
        help: ArgumentHelp("The folder of unpacked packages. (default: $IMPRESARIO_CACHE, or /var/cache/impresario)", valueName: "path"))
    var cache: String?

    @Option(help: ArgumentHelp("The guest host. (default: ../libexec/impresario-guest, or beside this program)", valueName: "path"))
    var guest: String?

    func guestHost() throws(Problem) -> String { try InstalledFiles.guest(named: guest.map { URL(filePath: $0).standardizedFileURL.path }) }

    /// Runs the body; nodes are gone at its end, also when Ctrl-C ends it.
    func with<Value: Sendable>(_ body: @escaping @Sendable (Ground, _ guest: String) async throws -> Value) async throws -> Value {
        let guest = try guestHost()
        let logger = Logger(label: "imp") { _ in SwiftLogNoOpLogHandler() }
        let environment = Surroundings.current.environment
        let interrupts = Interrupts.trap()
        defer { Interrupts.untrap() }
        let ground = try await Ground.open(
            nodes, cache: cache ?? environment["IMPRESARIO_CACHE"] ?? "/var/cache/impresario", logger: logger)
        let result: Result<Value, any Error>
        do {
            result = .success(
                try await withThrowingTaskGroup(of: Value?.self) { group in
                    group.addTask { try await body(ground, guest) }
                    group.addTask {
                        try await Interrupts.wait(since: interrupts)
                        return nil
                    }
                    defer { group.cancelAll() }
                    guard let value = try await group.next() ?? nil else { throw CommandFailure.stopped }
                    return value
                })
        } catch { result = .failure(error) }
        try await ground.close()
        return try result.get()
    }
}
