// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel

/// Why a guest is no more.
struct GuestEnd: Hashable, Sendable {
    enum Cause: Hashable, Sendable {
        /// It ended by itself.
        case exited
        case deadline
        case cancelled
        case startTimeout
        /// It broke the protocol.
        case fault(String)
        /// The pool ended it: idle, evicted or closing.
        case dismissed
    }

    var cause: Cause
    /// The signal that ended the process, or 0.
    var signal: Int32
    var code: Int32
    /// What it wrote last.
    var tail: [String]
    /// The memory that it might have, in bytes, when the kernel ended it for wanting more.
    var exhaustedMemory: Int64?
    /// It sent so much that it was slowed down.
    var hasFlooded = false

    /// What the guest host ends with when a plugin stopped its own process (`EXIT_STOPPED` in sandbox.h).
    static let stopped: Int32 = 71

    /// What the caller of the call that it served is told.
    func problem(plugin: String, what: String, timeout: Duration) -> Problem {
        let detail = tail.isEmpty ? nil : "The plugin wrote last: " + tail.joined(separator: " | ")
        switch cause {
        case .exited:
            if let exhaustedMemory {
                return Problem(
                    .pluginCrashed, "The plugin '\(plugin)' wanted more memory than a plugin may have and was ended during \(what).",
                    detail: detail, remedy: "An admin can raise the broker's setting 'guest-memory'; the plugin's author can need less.",
                    facts: ["reason": "out-of-memory", "limit": .integer(exhaustedMemory), "signal": .string(Self.name(of: signal))])
            }
            var facts: [String: JSONValue] = ["reason": .string(reason)]
            facts[signal == 0 ? "exitCode" : "signal"] = signal == 0 ? .integer(Int64(code)) : .string(Self.name(of: signal))
            return Problem(
                .pluginCrashed, "The plugin '\(plugin)' \(ending) during \(what).", detail: detail,
                remedy: "Try again; if it happens again, the plugin's author needs the broker's log.", facts: facts)
        case .deadline:
            return Problem(
                .deadlineExceeded,
                "The plugin '\(plugin)' did not end \(what) within \(timeout)\(hasFlooded ? "; it was slowed down because it writes without end" : "").",
                detail: detail, owner: .plugin, facts: hasFlooded ? ["reason": "flood"] : nil)
        case .cancelled:
            return Problem(.cancelled, "\(what) of the plugin '\(plugin)' was cancelled and, as it went on, killed.", detail: detail)
        case .startTimeout:
            return Problem(
                .pluginUnavailable, "The plugin '\(plugin)' was not ready in time after its process was started.", detail: detail,
                remedy: "Its constructors, entry or init take too long.")
        case .fault(let why):
            return Problem(
                .pluginProtocol, "The process of the plugin '\(plugin)' broke the protocol during \(what) and was ended: \(why).",
                detail: ([why] + (detail.map { [$0] } ?? [])).joined(separator: ". "))
        case .dismissed:
            return Problem(.shuttingDown, "The broker is ending its plugins.")
        }
    }

    private var reason: String { signal != 0 ? "signal" : code == Self.stopped ? "stopped" : "exit" }

    var ending: String {
        switch reason {
        case "stopped": "stopped its process"
        case "exit": "ended its process with exit code \(code)"
        default: "crashed with \(Self.name(of: signal))"
        }
    }

    static func name(of signal: Int32) -> String {
        let names: [Int32: String] = [
            1: "SIGHUP", 2: "SIGINT", 3: "SIGQUIT", 4: "SIGILL", 5: "SIGTRAP", 6: "SIGABRT", 7: "SIGBUS", 8: "SIGFPE", 9: "SIGKILL",
            11: "SIGSEGV", 13: "SIGPIPE", 14: "SIGALRM", 15: "SIGTERM", 24: "SIGXCPU", 25: "SIGXFSZ", 31: "SIGSYS",
        ]
        return names[signal] ?? "signal \(signal)"
    }
}
