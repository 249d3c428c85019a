// SPDX-License-Identifier: Apache-2.0

/// A supervised daemon of a node: declared, never scripted. It survives a restart of the node.
public struct Service: Codable, Hashable, Sendable {
    /// What it shall be.
    public enum State: String, Codable, Sendable { case running, stopped, absent }

    /// When it counts as started. At most one of the first three is set.
    public struct Readiness: Codable, Hashable, Sendable {
        /// Exit code 0.
        public var exec: [String]?
        /// Something accepts on this port.
        public var tcp: Int?
        /// This path exists.
        public var file: String?
        /// Milliseconds.
        public var timeout: Int?

        /// A command that succeeds.
        public static func exec(_ arguments: [String], within limit: Duration) -> Readiness {
            Readiness(exec: arguments, timeout: Int(limit.components.seconds * 1000))
        }

        /// A port that accepts.
        public static func tcp(_ port: Int, within limit: Duration) -> Readiness {
            Readiness(tcp: port, timeout: Int(limit.components.seconds * 1000))
        }
    }

    /// A DNS label.
    public var name: String
    /// What it shall be.
    public var state: State
    /// The program, which stays in the foreground, and its arguments.
    public var argv: [String]?
    /// Added to the node's own.
    public var env: [String: String]?
    /// Of the node; nil is root.
    public var user: String?
    /// Nil: it counts as started when it runs.
    public var ready: Readiness?

    /// A daemon.
    public init(
        _ name: String, _ state: State = .running, argv: [String]? = nil, env: [String: String]? = nil, user: String? = nil,
        ready: Readiness? = nil
    ) {
        self.name = name
        self.state = state
        self.argv = argv
        self.env = env
        self.user = user
        self.ready = ready
    }

    func json() throws(PluginProblem) -> String {
        do { return String(decoding: try JSONValue.data(self), as: UTF8.self) } catch { throw PluginProblem(wrapping: error) }
    }
}
