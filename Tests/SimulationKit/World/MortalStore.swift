// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel
import ImpresarioStore

/// The store as one broker has it: it takes its time, fails now and then, and is closed to the dead. Every commit is shown to the ``Watch``.
struct MortalStore: Store {
    let world: World
    let life: Life

    func get(_ key: String) async throws(StoreError) -> StoredRecord? {
        guard life.isAlive else { throw .closed }
        return try await world.store.get(key)
    }

    func list(prefix: String) async throws(StoreError) -> (records: [StoredRecord], revision: Revision) {
        guard life.isAlive else { throw .closed }
        return try await world.store.list(prefix: prefix)
    }

    func commit(_ transaction: Transaction) async throws(StoreError) -> Revision {
        try await life.cross("commit of \(transaction.writes.map(\.key).joined(separator: ", "))", dead: .closed) { () throws(StoreError) in
            // Between a decision and its commit others commit.
            await world.pause(world.chances.commit)
            guard life.isAlive else { throw .closed }
            if let failure = world.storeFailure() { throw failure }
            var altered = transaction
            if world.sabotage.alters(&altered, world.watch) == .drop { return world.watch.revision }
            let revision = try await world.store.commit(altered)
            world.watch.committed(transaction, at: revision)
            await world.pause(world.chances.commit)
            return revision
        }
    }

    func watch(prefix: String, from revision: Revision) -> AsyncThrowingStream<[Change], any Error> {
        world.store.watch(prefix: prefix, from: revision)
    }

    func close() async {}
}
