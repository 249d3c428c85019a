// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioModel
import ImpresarioPlugins
import Logging
import Synchronization

/// A library and the guest host, from which each check starts processes of its own.
struct Library: Sendable {
    let path: String
    let guest: String
    let pin: PluginPin
    let manifest: PluginManifest

    /// One process at a time: calls of one tenant come into the same process as long as it lives.
    static var options: GuestOptions {
        var options = GuestOptions()
        options.guestsPerTenant = 1
        options.idleTimeout = .seconds(3600)
        return options
    }

    /// Runs the body with a pool of its own. Its processes are gone at the end.
    func withGuests<Value>(_ options: GuestOptions = Library.options, _ body: (Guests) async throws -> Value) async throws -> Value {
        let guests = await Guests(self, options)
        let result: Result<Value, any Error>
        do { result = .success(try await body(guests)) } catch { result = .failure(error) }
        await guests.pool.shutdown()
        return try result.get()
    }
}

/// The processes of one check.
struct Guests: Sendable {
    let pool: GuestPool
    let lines: LineLog

    init(_ library: Library, _ options: GuestOptions) async {
        let lines = LineLog()
        self.lines = lines
        pool = Self.pool(library.guest, options, lines)
        await pool.register(library.pin, manifest: library.manifest, library: library.path)
    }

    /// A pool with a name of its own: it takes away the control groups of others of its name.
    static func pool(_ guest: String, _ options: GuestOptions, _ lines: LineLog) -> GuestPool {
        let logger = Logger(label: "guests") { _ in LineLog.Handler(lines: lines) }
        let name = "v" + String(UInt64.random(in: 0...(1 << 50)), radix: 36)
        return GuestPool(executable: guest, installation: name, logger: logger, options: options)
    }
}

/// What processes wrote, and what plugins logged outside of calls.
final class LineLog: Sendable {
    private struct State {
        var lines: [String] = []
        var follower: (@Sendable (String) -> Void)?
    }

    private let state = Mutex(State())

    var all: [String] { state.withLock { $0.lines } }

    /// Tells lines as they come.
    func follow(_ tell: @escaping @Sendable (String) -> Void) { state.withLock { $0.follower = tell } }

    fileprivate func add(_ line: String) {
        let follower = state.withLock { state in
            state.lines.append(line)
            return state.follower
        }
        follower?(line)
    }

    struct Handler: LogHandler {
        let lines: LineLog
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        init(lines: LineLog) { self.lines = lines }

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            guard let text = event.metadata?["message"] ?? event.metadata?["line"] else { return }
            lines.add("\(text)")
        }
    }
}
