// SPDX-License-Identifier: Apache-2.0

public import ImpresarioModel

/// A host function that a plugin called.
public struct HostCall: Hashable, Sendable {
    /// From 1 on, within its call.
    public var number: Int
    /// As in the header: `node_exec`.
    public var function: String
    /// What it was about, short; no secrets' values.
    public var about: String
    /// Equal for calls that ask for the same, whatever the content.
    var subject: String
    public var problem: Problem?
    /// What came back, where a word tells it: `none`, `exit 1`.
    var answer: String?
    public var duration: Duration = .zero
    /// The verifier made it fail.
    public var isInjected = false

    /// Whether success leaves something behind that the cluster may need.
    var leavesSomething: Bool { ["node_put", "node_service", "state_put", "secret_put"].contains(function) }

    /// For messages: `node_put (#3: /etc/x on web-0)`.
    var words: String { "\(function) (host call \(number): \(about))" }
}

/// What is done to a call from outside, at one of its host calls.
struct Interference: Sendable {
    enum Kind: Sendable {
        /// Nothing is done, and the host function fails.
        case fail
        /// All is done, and the host function fails nevertheless.
        case failAfterwards
        /// Commands end with exit code 1 without having been run; other host functions fail.
        case exitCode
        /// All is done, then the guest is killed before it hears of it.
        case kill
        /// The call is cancelled: this host function and the ones after it answer so.
        case cancel

        var words: String {
            switch self {
            case .fail: "failed (nothing was done)"
            case .failAfterwards: "failed although all was done"
            case .exitCode: "ended with exit code 1"
            case .kill: "was followed by SIGKILL of the guest"
            case .cancel: "was cancelled"
            }
        }
    }

    var kind: Kind
    /// The host call that it meets.
    var number: Int
}
