// SPDX-License-Identifier: Apache-2.0

/// Looks at what the local driver needs of this machine. Changes nothing.
public enum Doctor {
    public struct Finding: Codable, Hashable, Sendable {
        public enum State: String, Codable, Sendable {
            case ok
            /// Nodes can be made, but something about them will be worse.
            case warning
            /// Nodes cannot be made.
            case missing
        }

        /// A few words, such as `runc`.
        public var name: String
        public var state: State
        /// What was found.
        public var message: String
        /// The command or deed that mends it; nil when all is well.
        public var remedy: String?
    }

    /// Every check, in the order in which a person would mend them.
    public static func examine() async -> [Finding] {
        await [DoctorChecks.root()] + DoctorChecks.programs() + DoctorChecks.kernel() + DoctorChecks.surroundings()
    }

    /// Whether nodes can be made here.
    public static func isSatisfied(_ findings: [Finding]) -> Bool { !findings.contains { $0.state == .missing } }
}
