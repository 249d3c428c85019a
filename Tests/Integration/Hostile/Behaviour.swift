// SPDX-License-Identifier: Apache-2.0

/// What a hostile plugin of `Tests/GuestTesting/Plugins/hostile` must end in.
struct Behaviour: Sendable {
    /// The file's name, the plugin's and its type's.
    var name: String
    /// Any of these codes.
    var codes: [String]
    /// Words of the problem's message.
    var words: String

    init(_ name: String, _ codes: String..., words: String = "") {
        self.name = name
        self.codes = codes
        self.words = words
    }

    /// Everything it tried was refused, as it says itself.
    static func held(_ name: String) -> Behaviour { Behaviour(name, "\(name).held") }

    /// They end within moments, in the verb that is called.
    static let quick: [Behaviour] =
        [
            "data-folder", "machine-files", "environment", "write-files", "sockets", "signals", "ptrace", "other-guest", "fork-bomb",
            "thread-bomb", "exec", "forged-class", "huge-result", "descriptor-exhaustion", "thread-calls-host", "raises-limits",
            "becomes-root", "namespaces", "kernel", "lies-of-lengths",
        ].map(held) + [
            Behaviour("memory-heap", "plugin-crashed", words: "more memory"),
            Behaviour("memory-shared", "plugin-crashed", words: "more memory"),
            Behaviour("memory-memfd", "plugin-crashed", words: "more memory"),
            Behaviour("core-dump", "plugin-crashed", words: "SIGABRT"),
            Behaviour("exit-in-verb", "plugin-crashed", words: "exit code 7"),
            Behaviour("abort-in-verb", "plugin-crashed", words: "SIGABRT"),
            Behaviour("crash-in-verb", "plugin-crashed", words: "SIGSEGV"),
            Behaviour("stack-overflow", "plugin-crashed", words: "SIGSEGV"),
            Behaviour("overwrites-host", "plugin-crashed", words: "SIGSEGV"),
            Behaviour("stopped", "plugin-crashed", words: "stopped its process"),
            // Which of them depends on what lies where.
            Behaviour("overwrites-call", "plugin-crashed", "plugin-protocol", "deadline-exceeded"),
            Behaviour("forged-call", "plugin-protocol"),
            Behaviour("forged-request", "plugin-protocol"),
            Behaviour("garbage-frames", "plugin-protocol"),
            Behaviour("oversized-frame", "plugin-protocol"),
            Behaviour("huge-message", "plugin-protocol"),
            Behaviour("truncated-file", "plugin-protocol", words: "a file that is not sealed"),
            Behaviour("unsealed-file", "plugin-protocol", words: "a file that is not sealed"),
            Behaviour("short-file", "plugin-protocol", words: "a file of another size than was told"),
            Behaviour("huge-file", "plugin-protocol", words: "is longer than"),
            Behaviour("foreign-file", "plugin-protocol", words: "no sealed file in memory"),
            Behaviour("many-files", "plugin-protocol", words: "a descriptor that nobody asked for"),
            Behaviour("closes-channel", "plugin-protocol"),
            Behaviour("shuts-channel", "plugin-protocol"),
            // The second answer meets the next call, or the process is gone before and its answer to that one is wrong.
            Behaviour("double-result", "plugin-protocol", "plugin-failed"),
            Behaviour("descriptors-sent", "plugin-protocol", words: "a descriptor that nobody asked for"),
            Behaviour("bad-text-result", "plugin-failed", words: "not a JSON object"),
            Behaviour("nul-in-result", "plugin-failed", words: "not a JSON object"),
            Behaviour("deep-result", "plugin-failed", words: "not a JSON object"),
            Behaviour("bad-text-problem", "bad-text-problem.failed"),
        ]

    /// They go on until the call's time is over.
    static let lasting: [Behaviour] =
        ["hang-in-verb", "ignores-signals", "burns-cpu", "frame-flood", "log-flood", "event-flood", "output-flood"].map {
            Behaviour($0, "deadline-exceeded")
        }

    /// The library is refused when it is found.
    static let unloadable: [Behaviour] =
        ["constructor", "entry", "init"].flatMap { place in
            [
                Behaviour("exit-in-\(place)", "plugin-crashed", words: "exit code 3"),
                Behaviour("abort-in-\(place)", "plugin-crashed", words: "SIGABRT"),
                Behaviour("crash-in-\(place)", "plugin-crashed", words: "SIGSEGV"),
                Behaviour("hang-in-\(place)", "plugin-unavailable", words: "not ready in time"),
            ]
        } + [
            Behaviour("forged-start", "plugin-protocol"),
            Behaviour("too-many-types", "plugin-invalid", words: "ntypes"),
            Behaviour("null-types", "plugin-invalid", words: "types is NULL"),
            Behaviour("dangling-types", "plugin-crashed", words: "SIGSEGV"),
            Behaviour("endless-list", "plugin-invalid", words: "lacks the NULL at its end"),
            Behaviour("huge-schema", "plugin-invalid", words: "create_schema is too long"),
            Behaviour("null-verb", "plugin-invalid", words: "are required"),
        ]
}
