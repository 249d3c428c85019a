// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel

/// What a script learns of how it went. The numbers never change.
enum ExitStatus: Int32, CaseIterable, Sendable {
    case success = 0
    case failure = 1
    case usage = 2
    case refused = 3
    case notFound = 4
    case operationFailed = 5
    case unreachable = 6
    case timedOut = 7
    case denied = 8
    case interrupted = 130

    var meaning: String {
        switch self {
        case .success: "done"
        case .failure: "another failure, the broker's own included"
        case .usage: "the command line is wrong; nothing was asked of the broker"
        case .refused: "the broker refused the request"
        case .notFound: "what was named does not exist, or you may not see it"
        case .operationFailed: "the operation that was waited for failed or was cancelled"
        case .unreachable: "the broker does not answer"
        case .timedOut: "--timeout ran out; the operation goes on"
        case .denied: "the token is missing, unknown or not allowed to"
        case .interrupted: "stopped by Ctrl-C; an operation goes on"
        }
    }

    static var help: String {
        allCases.map { "  \($0.rawValue)".padded(to: 6) + $0.meaning }.joined(separator: "\n")
    }

    init(_ problem: Problem) {
        switch ProblemCode(rawValue: problem.code) {
        case .invalidUsage: self = .usage
        case .notFound: self = .notFound
        case .unreachable: self = .unreachable
        case .waitTimedOut: self = .timedOut
        case .unauthenticated, .denied: self = .denied
        default: self = (400..<500).contains(problem.status) ? .refused : .failure
        }
    }
}

extension String {
    func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
