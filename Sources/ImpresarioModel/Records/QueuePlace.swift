// SPDX-License-Identifier: Apache-2.0

/// The place of a cluster that waits for room.
public struct QueuePlace: Codable, Hashable, Sendable {
    /// Drawn when it was queued; lower goes first.
    public var ticket: Int64
    public var since: Timestamp
    /// Among its tenant's clusters that wait, from 1.
    public var position: Int
    /// Why it does not fit now, in words that name nothing of other tenants.
    public var reason: String
    /// How many clusters that came later were let past it while it was first; bounded, so that nobody waits for ever.
    public var overtaken: Int

    public init(ticket: Int64, since: Timestamp, position: Int, reason: String, overtaken: Int = 0) {
        self.ticket = ticket
        self.since = since
        self.position = position
        self.reason = reason
        self.overtaken = overtaken
    }
}
