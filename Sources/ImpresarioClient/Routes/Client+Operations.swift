// SPDX-License-Identifier: Apache-2.0

public import ImpresarioModel

extension Client {
    /// - Parameter cluster: only of this one.
    public func operations(ofCluster cluster: ID<Cluster>? = nil) -> Pages<Operation> {
        Pages(transport, APIRequest(.get, "v1", "operations").with(query: "cluster", cluster?.rawValue))
    }

    public func operation(_ id: ID<Operation>) async throws(Problem) -> Operation {
        try await get(APIRequest(.get, "v1", "operations", id.rawValue))
    }

    /// Calls an operation off; see ``CancelOperation``.
    public func cancelOperation(_ id: ID<Operation>, then: CancelOperation.Wish? = nil) async throws(Problem) -> Accepted {
        try await get(APIRequest(.post, "v1", "operations", id.rawValue, "cancel").with(body: CancelOperation(then: then)))
    }

    /// Goes on with a failed or cancelled operation at the step where it stopped.
    public func retryOperation(_ id: ID<Operation>) async throws(Problem) -> Accepted {
        try await get(APIRequest(.post, "v1", "operations", id.rawValue, "retry"))
    }

    /// Follows an operation to its end. Ending the iteration leaves the operation alone.
    ///
    /// - Parameter patience: how long in a row the broker may be unreachable before the sequence throws.
    public func updates(of id: ID<Operation>, patience: Duration = .seconds(60)) -> OperationUpdates {
        OperationUpdates(transport: transport, id: id, patience: patience)
    }

    /// - Returns: the operation in its final state, which may be `failed`.
    public func wait(for id: ID<Operation>, patience: Duration = .seconds(60)) async throws(Problem) -> Operation {
        var iterator = updates(of: id, patience: patience).makeAsyncIterator()
        var last: Operation?
        while let update = try await iterator.next(isolation: nil) { last = update }
        guard let last else { throw Transport.cancelled }
        return last
    }
}
