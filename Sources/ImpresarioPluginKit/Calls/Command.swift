// SPDX-License-Identifier: Apache-2.0

public import FoundationEssentials

/// One command in one node.
public struct Command: Hashable, Sendable {
    /// The node's id.
    public var node: String
    /// The first is looked up in the node's PATH; no shell. They may be logged: hand secrets in by ``input``.
    public var arguments: [String]
    /// Added to the node's own.
    public var environment: [String: String]
    /// Of the node; nil is root.
    public var user: String?
    /// What it reads on stdin.
    public var input: Data
    /// It is killed then.
    public var timeout: Duration

    /// A command.
    public init(
        _ node: Node, _ arguments: [String], environment: [String: String] = [:], user: String? = nil, input: Data = Data(),
        timeout: Duration = .seconds(60)
    ) {
        self.node = node.id
        self.arguments = arguments
        self.environment = environment
        self.user = user
        self.input = input
        self.timeout = timeout
    }
}

/// How a command ended.
public struct Outcome: Hashable, Sendable {
    /// 0 ... 255; 128 + signal when a signal ended it.
    public var exitCode: Int32
    /// stdout; bytes that are not UTF-8 are replaced.
    public var output: String
    /// stderr.
    public var error: String
    /// There was more output than is kept.
    public var isTruncated: Bool
    /// It was killed because its time was over.
    public var timedOut: Bool

    /// An outcome.
    public init(exitCode: Int32, output: String = "", error: String = "", isTruncated: Bool = false, timedOut: Bool = false) {
        self.exitCode = exitCode
        self.output = output
        self.error = error
        self.isTruncated = isTruncated
        self.timedOut = timedOut
    }

    /// It ended by itself with 0.
    public var succeeded: Bool { exitCode == 0 && !timedOut }

    /// What it said, for a problem's detail: the last lines of stderr, else of stdout.
    public var complaint: String {
        let said = error.isEmpty ? output : error
        return (timedOut ? "timed out; " : "exit code \(exitCode); ") + String(said.suffix(2000))
    }
}
