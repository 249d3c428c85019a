// SPDX-License-Identifier: Apache-2.0

/// `POST /v1/operations/{id}/cancel`.
public struct CancelOperation: RequestBody, Hashable {
    public static let members: Set = ["then"]
    /// What becomes of the cluster; absent: it is deleted.
    public var then: Operation.Aftermath?

    public init(then: Operation.Aftermath? = nil) { self.then = then }
}
