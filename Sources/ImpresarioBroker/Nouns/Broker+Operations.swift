// SPDX-License-Identifier: Apache-2.0

public import FoundationEssentials
public import ImpresarioModel
public import ImpresarioStore

extension Broker {
    /// - Parameter cluster: nil lists those of every cluster the caller sees.
    public func operations(of cluster: String?, for caller: Caller, page: PageRequest) throws(Problem) -> EncodedPage {
        let snapshot = ledger.snapshot
        let visible = snapshot.operations.filter { (_, entry) in
            (cluster == nil || entry.value.cluster.rawValue == cluster)
                && snapshot.sees(caller, tenant: entry.value.tenant, project: entry.value.project)
        }
        return try EncodedPage.of(visible, page)
    }

    public func operation(_ id: String, for caller: Caller) throws(Problem) -> Entry<ImpresarioModel.Operation> {
        try ledger.snapshot.operation(ID(id), for: caller)
    }

    /// The operation as soon as it is newer than `revision` or final, or as it is when `patience` is over.
    public func operation(
        _ id: String, newerThan revision: Revision, patience: Duration, for caller: Caller
    ) async throws(Problem) -> Entry<ImpresarioModel.Operation> {
        func isNews(_ entry: Entry<Operation>) -> Bool { entry.revision > revision || entry.value.state.isFinal }
        let first = try operation(id, for: caller)
        if isNews(first) { return first }
        await withTaskGroup { group in
            group.addTask { try? await self.parts.time.sleep(for: patience) }
            group.addTask {
                for await _ in self.ledger.revisions() {
                    guard let entry = self.ledger.snapshot.operation(ID(id)), !isNews(entry) else { return }
                }
            }
            await group.next()
            group.cancelAll()
        }
        return try operation(id, for: caller)
    }

    /// Events the caller may see, oldest first.
    public func events(for caller: Caller, page: PageRequest) async throws(Problem) -> EncodedPage {
        let snapshot = ledger.snapshot
        return try await storedPage(prefix: Keys.events, page) { event in
            snapshot.sees(caller, tenant: event.tenant, project: event.project)
        }
    }

    /// Events as they are recorded, each with the revision to resume after. The stream ends with the broker or the task.
    ///
    /// - Parameter revision: nil begins now.
    public func eventStream(
        after revision: Revision?, for caller: Caller
    ) -> some AsyncSequence<(revision: Revision, event: Event, bytes: Data), any Error> {
        ledger.store.watch(prefix: Keys.events, from: revision ?? ledger.snapshot.revision)
            .flatMap { changes in
                AsyncStream { continuation in
                    for change in changes { continuation.yield(change) }
                    continuation.finish()
                }
            }
            .compactMap { change in
                guard let bytes = change.value, let event = try? CanonicalJSON.decode(Event.self, from: bytes),
                    self.ledger.snapshot.sees(caller, tenant: event.tenant, project: event.project)
                else { return nil }
                return (change.revision, event, bytes)
            }
    }

    /// A page of records that are not held in memory.
    func storedPage(
        prefix: String, _ page: PageRequest, where belongs: (Event) -> Bool = { _ in true }
    ) async throws(Problem) -> EncodedPage {
        let records: [StoredRecord]
        do { records = try await ledger.store.list(prefix: prefix).records } catch { throw Ledger.problem(error) }
        var entries: [(key: String, entry: Entry<Event>)] = []
        for record in records {
            guard let event = try? CanonicalJSON.decode(Event.self, from: record.value), belongs(event) else { continue }
            // By id and not by key: ids are in order of time, keys begin with a cluster.
            entries.append((event.id.rawValue, Entry(value: event, bytes: record.value, revision: record.revision)))
        }
        return try EncodedPage.of(entries, page)
    }
}
