// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel

/// Whether what came later may take room before the cluster that has waited longest.
///
/// It may, a bounded number of times: small clusters fill what is too small for the first in line, and the first in line still gets its turn. A
/// cluster that its own limits keep out, or that would not fit if every host were empty, stands in nobody's way.
struct QueueGate {
    /// How often the first in line is passed by.
    static let bound = 16

    let snapshot: Snapshot

    /// The first that only waits for room.
    var head: Entry<Cluster>? {
        let admission = Admission(snapshot: snapshot, ids: IdentifierSource(), now: Timestamp(milliseconds: 0))
        return snapshot.queue.first { admission.waitsForRoomOnly($0.value) }
    }

    /// Counts that somebody went past the head; nothing when nobody waits.
    ///
    /// - Parameter own: who goes through the gate itself from the line.
    /// - Throws: `no-capacity` when the head was passed often enough.
    func pass(_ own: ID<Cluster>?, _ draft: inout Draft) throws(Problem) {
        guard let head, head.value.id != own, let place = head.value.queue else { return }
        guard place.overtaken < Self.bound else {
            throw Problem(
                .noCapacity, "The room that there is is kept for clusters that have waited for it.",
                remedy: "Wait in line too: --queue. Or ask an admin for more hosts.")
        }
        var cluster = head.value
        cluster.queue?.overtaken += 1
        try draft.replace(head, with: cluster, at: cluster.key)
    }
}
