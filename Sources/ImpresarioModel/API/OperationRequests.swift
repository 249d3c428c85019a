// SPDX-License-Identifier: Apache-2.0

/// `POST /v1/operations/{id}/cancel`.
public struct CancelOperation: RequestBody, Hashable {
    /// What becomes of what the operation did.
    public enum Wish: String, Codable, Sendable, CaseIterable {
        /// It is taken back, as far as there is a way back; what was being created is deleted.
        case undo
        /// It stays as it is, and can be gone on with.
        case keep
        /// Of a creation: as `undo`.
        case delete
    }

    public static let members: Set = ["then"]
    /// Absent: `undo`.
    public var then: Wish?

    public init(then: Wish? = nil) { self.then = then }
}
