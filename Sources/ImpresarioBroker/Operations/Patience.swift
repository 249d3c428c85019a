// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel

extension Broker.Parts {
    /// The answer of `work`, or `node-unreachable` when there is none in time: what does not answer must not hold up what does.
    func within<Answer: Sendable>(
        _ limit: Duration, _ what: String, _ work: @escaping @Sendable () async throws(Problem) -> Answer
    ) async throws(Problem) -> Answer {
        do {
            return try await withThrowingTaskGroup(of: Answer.self) { group in
                group.addTask { try await work() }
                group.addTask {
                    try await time.sleep(for: limit)
                    throw Problem(.nodeUnreachable, "\(what) did not answer within \(limit.components.seconds) seconds.")
                }
                defer { group.cancelAll() }
                guard let answer = try await group.next() else { throw Problem(.internal, "Nobody answered.") }
                return answer
            }
        } catch { throw Problem(wrapping: error) }
    }
}
