// SPDX-License-Identifier: Apache-2.0

import Synchronization

extension ChangeFeed {
    /// What ``Store/watch(prefix:from:)`` answers. Nothing is buffered: each element is looked up when it is asked for.
    func stream(prefix: String, from revision: Revision) -> AsyncThrowingStream<[Change], any Error> {
        let prefix = Key(prefix)
        let cursor = Cursor(revision)
        return AsyncThrowingStream {
            while !Task.isCancelled {
                let seen = cursor.revision.withLock { $0 }
                switch self.step(after: seen, prefix: prefix) {
                case .changes(let changes, let revision):
                    cursor.revision.withLock { $0 = revision }
                    return changes
                case .nothing(let revision) where revision > seen:
                    cursor.revision.withLock { $0 = revision }
                case .nothing:
                    await self.wait(after: seen)
                case .compacted(let oldest):
                    throw StoreError.compacted(oldest: oldest)
                case .finished:
                    return nil
                }
            }
            return nil
        }
    }
}

private final class Cursor: Sendable {
    let revision: Mutex<Revision>
    init(_ revision: Revision) { self.revision = Mutex(revision) }
}
