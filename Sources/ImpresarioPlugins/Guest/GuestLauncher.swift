// SPDX-License-Identifier: Apache-2.0

import CLinux
import Foundation
import Glibc
import ImpresarioModel
import Logging
import Synchronization

/// Starts guest processes, each with what belongs to it: socket, output pipe, cgroup, user id and the thread that serves it.
///
/// `launch` must be called on a thread that lives as long as the pool: the parent-death signal of a guest follows the thread that started it.
final class GuestLauncher: Sendable {
    private struct State {
        var number: UInt64 = 0
        var userIDs: Set<UInt32> = []
        var running = 0
    }

    private let executable: String
    private let installation: String
    private let options: GuestOptions
    private let log: Logger
    private let state = Mutex(State())

    /// In a library's place: no plugin is loaded, and no layer required, since they are only to be told.
    static let probe = "--probe"

    init(executable: String, installation: String, options: GuestOptions, log: Logger) {
        self.executable = executable
        self.installation = installation
        self.options = options
        self.log = log
    }

    /// Guests whose threads have not ended yet.
    var running: Int { state.withLock { $0.running } }

    func launch(library: String, plugin: String) throws(Problem) -> Guest {
        let (number, userID) = state.withLock { state in
            state.number += 1
            state.running += 1
            return (state.number, drawUserID(&state))
        }
        let cgroup = GuestCgroup.make(
            installation: installation, number: number, memoryLimit: options.memoryLimit, processLimit: options.processLimit)
        let release: @Sendable () -> Void = { [self] in
            cgroup.remove()
            state.withLock { state in
                state.userIDs.remove(userID)
                state.running -= 1
            }
        }
        do {
            return try start(library: library, plugin: plugin, number: number, userID: userID, cgroup: cgroup, release: release)
        } catch {
            release()
            throw error
        }
    }

    private func start(
        library: String, plugin: String, number: UInt64, userID: UInt32, cgroup: GuestCgroup, release: @escaping @Sendable () -> Void
    ) throws(Problem) -> Guest {
        let (ours, theirs) = try Self.pair("a socket", clinux_packet_pair)
        let socket = try GuestSocket(ours)
        let (output, writing) = try Self.pair("a pipe", clinux_output_pipe)
        var arguments = [executable, library, "--parent", "\(getpid())"]
        if userID != 0 { arguments += ["--uid", "\(userID)"] }
        for folder in cgroup.folders { arguments += ["--cgroup", folder] }
        for path in options.readablePaths { arguments += ["--read", path] }
        if library != Self.probe {
            if !options.requiredLayers.isEmpty { arguments += ["--require", options.requiredLayers.joined(separator: ",")] }
            arguments += options.test.arguments
            // A debugger finds files by their names in the guest's root, unless it is told otherwise: without the program it finds no library, and
            // without the library no function of it.
            if options.test.waitsForDebugger { arguments += ["--read", library, "--read", executable] }
        }
        // The backtracer of the Swift runtime would keep a crashed guest from dying for seconds.
        let environment = ["PATH=/usr/bin:/bin", "LANG=C.UTF-8", "SWIFT_BACKTRACE=enable=no"]

        let pid = Self.withCStrings(arguments) { arguments in
            Self.withCStrings(environment) { environment in
                clinux_spawn(executable, arguments, environment, theirs.raw, writing.raw)
            }
        }
        guard pid > 0 else {
            throw Problem(
                .pluginUnavailable, "The guest program could not be started.", detail: "\(executable): \(String(cString: strerror(-pid)))",
                owner: .admin, remedy: "Check that impresario-guest is installed beside the broker.")
        }
        let processDescriptor = clinux_process_open(pid)
        guard processDescriptor >= 0 else {
            kill(pid, SIGKILL)
            waitpid(pid, nil, 0)
            throw Problem(.pluginUnavailable, "The guest process could not be watched.", detail: "pidfd_open: errno \(-processDescriptor)")
        }
        var log = log
        log[metadataKey: "plugin"] = "\(plugin)"
        log[metadataKey: "guest"] = "\(pid)"
        let guest = Guest(process: OwnedDescriptor(processDescriptor), socket: socket, log: log)
        let memoryLimit = options.memoryLimit
        let thread = Thread {
            guest.run(output: output) {
                var status: Int32 = 0
                while waitpid(pid, &status, 0) < 0, errno == EINTR {}
                let hasRunOutOfMemory = cgroup.hasRunOutOfMemory
                release()
                return (status, hasRunOutOfMemory ? memoryLimit : nil)
            }
        }
        thread.name = "guest-\(number)"
        thread.stackSize = 512 << 10
        thread.start()
        return guest
    }

    /// Zero when the broker has no right to change it.
    private func drawUserID(_ state: inout State) -> UInt32 {
        guard geteuid() == 0, state.userIDs.count < options.userIDs.count else { return 0 }
        while true {
            // Random, so that guests of two brokers on one machine seldom share one.
            let candidate = UInt32.random(in: options.userIDs)
            if state.userIDs.insert(candidate).inserted { return candidate }
        }
    }

    private static func pair(
        _ what: String, _ make: (UnsafeMutablePointer<Int32>) -> Int32
    ) throws(Problem) -> (OwnedDescriptor, OwnedDescriptor) {
        var ends: [Int32] = [-1, -1]
        let result = make(&ends)
        guard result == 0 else {
            throw Problem(.overloaded, "The broker could not make \(what) for a plugin.", detail: String(cString: strerror(-result)))
        }
        return (OwnedDescriptor(ends[0]), OwnedDescriptor(ends[1]))
    }

    private static func withCStrings<Result>(_ texts: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result) -> Result {
        let copies = texts.map { strdup($0) } + [nil]
        defer { for copy in copies { free(copy) } }
        return body(copies)
    }
}
