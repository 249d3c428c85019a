// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel

/// One writer per cluster within this broker: operations wait for their turn, calls that somebody waits for do not.
typealias ClusterLocks = KeyedLocks<ID<Cluster>>

/// Who has a key is alone with it; the others wait in line.
actor KeyedLocks<Key: Hashable & Sendable> {
    private var held: [Key: [CheckedContinuation<Void, Never>]] = [:]

    func acquire(_ key: Key) async {
        if held[key] == nil {
            held[key] = []
        } else {
            await withCheckedContinuation { held[key]?.append($0) }
        }
    }

    /// False when somebody else writes.
    func tryAcquire(_ key: Key) -> Bool {
        guard held[key] == nil else { return false }
        held[key] = []
        return true
    }

    func release(_ key: Key) {
        guard var waiting = held[key] else { return }
        if waiting.isEmpty {
            held[key] = nil
        } else {
            let next = waiting.removeFirst()
            held[key] = waiting
            next.resume()
        }
    }

    /// The work of one who has the key.
    nonisolated func alone<Answer: Sendable>(
        with key: Key, _ work: () async throws(Problem) -> Answer
    ) async throws(Problem) -> Answer {
        await acquire(key)
        let answer: Result<Answer, Problem>
        do throws(Problem) { answer = .success(try await work()) } catch { answer = .failure(error) }
        await release(key)
        return try answer.get()
    }
}
