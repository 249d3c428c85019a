// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel

/// Ends of a command that are no ``Problem`` of a request.
enum CommandFailure: Error {
    /// What was waited for did not succeed.
    case operation(Operation)
    /// Ctrl-C while waiting.
    case interrupted(ID<Operation>)
    case timedOut(ID<Operation>)
    /// Ctrl-C during work of this program's own, which was cleaned up.
    case stopped
    /// The answer to a question was not yes.
    case notConfirmed

    var status: ExitStatus {
        switch self {
        case .operation: .operationFailed
        case .interrupted, .stopped: .interrupted
        case .timedOut: .timedOut
        case .notConfirmed: .failure
        }
    }

    var text: String {
        switch self {
        case .operation(let operation):
            switch operation.problem {
            case .some(let problem):
                "error: \(operation.kind.rawValue) of \(operation.clusterName) \(operation.state.rawValue) (operation \(operation.id))\n"
                    + ProblemText.render(problem)
            case .none:
                "error: \(operation.kind.rawValue) of \(operation.clusterName) \(operation.state.rawValue) (operation \(operation.id))\n"
            }
        case .interrupted(let id): "stopped waiting; the operation goes on: imp operation watch \(id)\n"
        case .timedOut(let id): "error: not done in time; the operation goes on: imp operation watch \(id)\n"
        case .stopped: "stopped; nothing was left behind\n"
        case .notConfirmed: "nothing was done\n"
        }
    }
}
