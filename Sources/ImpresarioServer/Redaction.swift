// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioBroker
import ImpresarioModel

/// Takes the log's `detail` out of the problems of operations, for everybody but admins: it may name what is not the tenant's.
enum Redaction {
    private static let marker = Data(#""detail":"#.utf8)

    static func operation(_ entry: Entry<ImpresarioModel.Operation>, for caller: Caller) -> Answer {
        var answer = Answer.entry(entry)
        answer.body = .json(bytes(entry.bytes, for: caller))
        return answer
    }

    static func page(_ page: EncodedPage, for caller: Caller) -> Answer {
        .list(page.items.map { bytes($0, for: caller) }, next: page.next)
    }

    /// Stored bytes pass untouched unless there is something to take out.
    private static func bytes(_ data: Data, for caller: Caller) -> Data {
        guard caller.role != .admin, data.range(of: marker) != nil else { return data }
        guard let operation = try? CanonicalJSON.decode(ImpresarioModel.Operation.self, from: data) else { return Data("null".utf8) }
        return (try? CanonicalJSON.encode(clean(operation))) ?? Data("null".utf8)
    }

    static func accepted(_ accepted: Accepted, for caller: Caller) throws(Problem) -> Answer {
        guard caller.role != .admin else { return try .accepted(accepted) }
        return try .accepted(Accepted(operation: clean(accepted.operation), cluster: accepted.cluster))
    }

    private static func clean(_ operation: ImpresarioModel.Operation) -> ImpresarioModel.Operation {
        var operation = operation
        operation.problem = operation.problem.map(clean)
        operation.steps = operation.steps.map { step in
            var step = step
            step.problem = step.problem.map(clean)
            return step
        }
        return operation
    }

    static func clean(_ problem: Problem) -> Problem {
        var result = problem
        result.detail = nil
        result.errors = problem.errors?.map(clean)
        result.cause = problem.cause?.map(clean)
        return result
    }
}
