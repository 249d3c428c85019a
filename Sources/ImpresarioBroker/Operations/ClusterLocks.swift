// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel

/// One writer per cluster within this broker: operations wait for their turn, calls that somebody waits for do not.
actor ClusterLocks {
    private var held: [ID<Cluster>: [CheckedContinuation<Void, Never>]] = [:]

    func acquire(_ cluster: ID<Cluster>) async {
        if held[cluster] == nil {
            held[cluster] = []
        } else {
            await withCheckedContinuation { held[cluster]?.append($0) }
        }
    }

    /// False when somebody else writes.
    func tryAcquire(_ cluster: ID<Cluster>) -> Bool {
        guard held[cluster] == nil else { return false }
        held[cluster] = []
        return true
    }

    func release(_ cluster: ID<Cluster>) {
        guard var waiting = held[cluster] else { return }
        if waiting.isEmpty {
            held[cluster] = nil
        } else {
            let next = waiting.removeFirst()
            held[cluster] = waiting
            next.resume()
        }
    }
}
