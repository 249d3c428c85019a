// SPDX-License-Identifier: Apache-2.0

import ImpresarioInfrastructure
import ImpresarioModel
import Logging
import Synchronization

/// Drives every unfinished operation: begins the step that ``OperationMachine`` names, records how it ended, and goes on.
///
/// What is recorded is all there is: a broker that starts finds the unfinished operations and drives them like any other.
final class OperationRunner: Sendable {
    let locks = ClusterLocks()
    private let ledger: Ledger
    private let parts: Broker.Parts
    private let driven = Mutex<Set<ID<Operation>>>([])
    private let wakeups: AsyncStream<Void>
    private let waker: AsyncStream<Void>.Continuation

    init(ledger: Ledger, parts: Broker.Parts) {
        self.ledger = ledger
        self.parts = parts
        (wakeups, waker) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// There may be a new operation.
    func wake() { waker.yield() }

    func run() async {
        await withDiscardingTaskGroup { group in
            let inherited = ledger.snapshot.unfinished.all.compactMap { ledger.snapshot.operations[$0]?.value.id }
            for id in inherited { _ = try? await record(.resume, for: id) }
            wake()
            for await _ in wakeups {
                for key in ledger.snapshot.unfinished.all {
                    guard let id = ledger.snapshot.operations[key]?.value.id, driven.withLock({ $0.insert(id).inserted }) else { continue }
                    group.addTask {
                        await self.drive(id)
                        self.driven.withLock { _ = $0.remove(id) }
                        // It may have been asked to go on before it was let go.
                        self.wake()
                    }
                }
            }
        }
    }

    /// From wherever the operation is to its end, unless another takes over.
    private func drive(_ id: ID<Operation>) async {
        guard let cluster = ledger.snapshot.operation(id)?.value.cluster else { return }
        let isAlone = !parts.planted.contains(.lockNotTaken)
        if isAlone { await locks.acquire(cluster) }
        await withTaskGroup { group in
            group.addTask { await self.work(id) }
            group.addTask {
                for await _ in self.ledger.revisions() where self.ledger.snapshot.operation(id)?.value.state != .running { return }
            }
            await group.next()
            group.cancelAll()
        }
        if isAlone { await locks.release(cluster) }
    }

    private func work(_ id: ID<Operation>) async {
        while !Task.isCancelled, let operation = ledger.snapshot.operation(id)?.value,
            case .perform(let step) = OperationMachine.action(for: operation)
        {
            do {
                let begun = try await record(.begin, for: id)
                await parts.faults("\(operation.kind.rawValue).\(step).before")
                do {
                    try await perform(step, of: begun)
                } catch {
                    if Task.isCancelled { return }
                    parts.logger.warning(
                        "step failed",
                        metadata: [
                            "operation": "\(id)", "step": "\(step)", "code": "\(error.code)", "problem": "\(error.message)",
                            "detail": "\(error.detail ?? "")",
                        ])
                    let failed = try await record(.fail(error), for: id)
                    if failed.state == .running {
                        let attempt = OperationMachine.currentIndex(of: failed).map { failed.steps[$0].attempts } ?? 1
                        try? await parts.time.sleep(for: OperationMachine.backoff(afterAttempt: attempt, chance: parts.random.fraction()))
                    }
                    continue
                }
                await parts.faults("\(operation.kind.rawValue).\(step).performed")
                try await record(.succeed, for: id)
                await parts.faults("\(operation.kind.rawValue).\(step).after")
            } catch {
                // The record itself could not be written: nothing has happened as far as anyone can know. Wait and look again.
                if Task.isCancelled { return }
                parts.logger.error(
                    "operation stalled", metadata: ["operation": "\(id)", "problem": "\(error)", "detail": "\(error.detail ?? "")"])
                try? await parts.time.sleep(for: .seconds(1))
            }
        }
    }

    private enum Note: Sendable {
        case progress(Int, String)
        case event(String, JSONValue)
    }

    /// Performs one step within its deadline, recording progress and the plugin's events beside it.
    private func perform(_ step: String, of operation: Operation) async throws(Problem) {
        guard let index = OperationMachine.currentIndex(of: operation), let deadline = operation.steps[index].deadline else { return }
        let attempt = operation.steps[index].attempts
        let (notes, noter) = AsyncStream.makeStream(of: Note.self, bufferingPolicy: .bufferingNewest(16))
        let steps = ClusterSteps(
            ledger: ledger, parts: parts, operation: operation,
            conversation: PluginConversation(
                parts: parts, ledger: ledger, fence: Fence(operation: "\(operation.id)-\(step)", attempt: attempt),
                kind: operation.kind.rawValue, onProgress: { noter.yield(.progress($0, $1)) }, onEvent: { noter.yield(.event($0, $1)) }))
        do {
            try await withThrowingTaskGroup(of: Bool.self) { group in
                group.addTask {
                    defer { noter.finish() }
                    try await steps.perform(step, until: deadline)
                    return true
                }
                group.addTask {
                    await self.keep(notes, of: operation)
                    return false
                }
                group.addTask {
                    // Steps watch the deadline themselves; this is for those that cannot.
                    try await self.parts.time.sleep(for: max(.zero, deadline - self.parts.clock()) + .seconds(10))
                    throw Problem(.deadlineExceeded, "The step '\(step)' did not end within its time.")
                }
                defer { group.cancelAll() }
                while let isDone = try await group.next(), !isDone {}
            }
        } catch { throw Problem(wrapping: error) }
    }

    /// Progress is recorded a few times a second at most: it is for people.
    private func keep(_ notes: AsyncStream<Note>, of operation: Operation) async {
        var last = parts.time.elapsed() - .seconds(1)
        for await note in notes {
            switch note {
            case .progress(let progress, let phase):
                guard parts.time.elapsed() - last > .milliseconds(200) else { continue }
                last = parts.time.elapsed()
                _ = try? await record(.progress(progress, phase: phase), for: operation.id)
            case .event(let type, let data):
                let event = Event(
                    id: parts.ids.draw(prefix: "e"), at: parts.clock(), type: "plugin.\(type)", actor: "broker",
                    message: data["message"]?.string ?? type, tenant: operation.tenant, project: operation.project,
                    cluster: operation.cluster, operation: operation.id, data: data)
                try? await ledger.transact { _, draft throws(Problem) in try draft.record(event) }
            }
        }
    }

    /// Applies an event to the newest record; what its end means for the cluster is in the same commit.
    @discardableResult
    private func record(_ event: OperationMachine.Event, for id: ID<Operation>) async throws(Problem) -> Operation {
        let now = parts.clock()
        let limits = parts.options.stepDeadlines
        return try await ledger.transact { snapshot, draft throws(Problem) in
            guard let entry = snapshot.operation(id), entry.value.state == .running else {
                throw Problem(.cancelled, "Another operation took over.")
            }
            let operation = OperationMachine.apply(event, to: entry.value, now: now, limits: limits)
            guard operation != entry.value else { return operation }
            try draft.replace(entry, with: operation, at: Keys.operation(id))
            if operation.state.isFinal {
                try OperationEnd(operation: operation, now: now, ids: parts.ids).settle(snapshot, &draft)
            }
            return operation
        }
    }
}
