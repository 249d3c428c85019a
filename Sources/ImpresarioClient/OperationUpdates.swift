// SPDX-License-Identifier: Apache-2.0

public import ImpresarioModel

/// An operation as it changes: at once as it is, then after each change, the last element being final.
///
/// Long polling underneath. A broker that goes away in between is waited for: the operation goes on when it is back.
public struct OperationUpdates: AsyncSequence, Sendable {
    public typealias Failure = Problem
    public typealias Element = Operation

    let transport: Transport
    let id: ID<Operation>
    /// How long the broker may be unreachable, in a row.
    let patience: Duration

    public struct AsyncIterator: AsyncIteratorProtocol {
        let updates: OperationUpdates
        var revision: String?
        var isOver = false

        public mutating func next() async throws(Problem) -> Operation? { try await next(isolation: nil) }

        public mutating func next(isolation actor: isolated (any Actor)?) async throws(Problem) -> Operation? {
            guard !isOver else { return nil }
            while true {
                let answer = try await poll()
                // A long poll that ran out answers what is known already.
                if answer.revision != nil, answer.revision == revision, !answer.value.state.isFinal { continue }
                revision = answer.revision
                isOver = answer.value.state.isFinal
                return answer.value
            }
        }

        private func poll() async throws(Problem) -> APIAnswer<Operation> {
            var request = APIRequest(.get, "v1", "operations", updates.id.rawValue)
            if let revision {
                request = request.with(query: "wait", "30").with(query: "revision", revision)
                request.hold = .seconds(30)
            }
            let start = ContinuousClock.now
            while true {
                do {
                    return try await updates.transport.send(request)
                } catch {
                    let isPassing = error.is(.unreachable) || error.is(.shuttingDown) || error.is(.overloaded)
                    guard isPassing, revision != nil, ContinuousClock.now - start < updates.patience else { throw error }
                    do { try await Task.sleep(for: .milliseconds(500)) } catch { throw Transport.cancelled }
                }
            }
        }
    }

    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(updates: self) }
}
