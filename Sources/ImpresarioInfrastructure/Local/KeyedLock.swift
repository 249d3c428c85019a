// SPDX-License-Identifier: Apache-2.0

/// Serialises work on one thing (a node, a fabric) and lets work on others run. What is guarded is outside this process (the kernel's and the
/// disk's state of that thing), so no value inside it could stand for it.
actor KeyedLock {
    /// A key is present while it is held.
    private var waiting: [String: [CheckedContinuation<Void, Never>]] = [:]

    nonisolated func hold<Value: Sendable>(_ key: String, _ body: () async throws -> Value) async throws -> Value {
        await acquire(key)
        do {
            let value = try await body()
            await release(key)
            return value
        } catch {
            await release(key)
            throw error
        }
    }

    private func acquire(_ key: String) async {
        if waiting[key] == nil {
            waiting[key] = []
        } else {
            await withCheckedContinuation { waiting[key]?.append($0) }
        }
    }

    private func release(_ key: String) {
        guard var queue = waiting[key], !queue.isEmpty else { return waiting[key] = nil }
        let next = queue.removeFirst()
        waiting[key] = queue
        next.resume()
    }
}
