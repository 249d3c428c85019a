// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioModel

/// Runs every task of a simulation on one thread, in an order drawn by the seed, in virtual time.
///
/// Of the jobs that could run, chance picks one, so each seed is another interleaving and the same seed the same one. When none can run, the clock
/// jumps to the earliest sleeper. When nobody sleeps either, nothing will ever happen again: that is a hang.
///
/// Unchecked: everything here is used by the thread that calls ``run(_:)`` only, which ``enqueue(_:)`` makes sure of.
final class VirtualExecutor: TaskExecutor, @unchecked Sendable {
    private let random: SeededRandom
    private let thread = pthread_self()
    private var ready: [UnownedJob] = []
    private var yielded: [UnsafeContinuation<Void, Never>] = []
    private var sleepers = Sleepers()
    private var lastSleeper: UInt64 = 0
    /// Nanoseconds since the beginning.
    private(set) var elapsed: Int64 = 0
    /// What an admin, or a bad time server, did to the wall clock.
    var wallOffset: Duration = .zero
    private var jobsAtThisMoment = 0
    private(set) var jobs = 0

    /// More jobs than this without time passing are a loop without end.
    static let liveLock = 3_000_000
    /// Virtual hours in which every run is over.
    static let patience: Int64 = 24

    init(random: SeededRandom) { self.random = random }

    func enqueue(_ job: consuming ExecutorJob) {
        // A job from another thread means that something left the simulation and came back: no seed would replay it.
        precondition(pthread_equal(thread, pthread_self()) != 0, "a task left the simulation")
        ready.append(UnownedJob(job))
    }

    /// Runs `body` and everything it starts until it is done.
    func run<Answer: Sendable>(_ body: @escaping @Sendable () async throws -> Answer) throws -> Answer {
        let box = Box<Result<Answer, any Error>>()
        Task(executorPreference: self) {
            do { box.value = .success(try await body()) } catch { box.value = .failure(error) }
        }
        while box.value == nil { try step() }
        // What was cancelled at the end may end.
        while !(ready.isEmpty && yielded.isEmpty) { try step() }
        return try box.value!.get()
    }

    private func step() throws {
        if ready.isEmpty && yielded.isEmpty {
            guard let sleeper = sleepers.popFirst() else { throw SimulationError.hang }
            elapsed = max(elapsed, sleeper.due)
            if elapsed > Self.patience * 3_600_000_000_000 { throw SimulationError.endless }
            jobsAtThisMoment = 0
            sleeper.continuation.resume()
            // All of one moment wake together: who goes first is chance's choice.
            while let next = sleepers.popFirst(dueBy: elapsed) { next.continuation.resume() }
            return
        }
        jobs += 1
        jobsAtThisMoment += 1
        if jobsAtThisMoment > Self.liveLock { throw SimulationError.liveLock }
        let count = ready.count + yielded.count
        let index = count == 1 ? 0 : random.below(count)
        guard index < ready.count else {
            yielded.swapAt(index - ready.count, yielded.count - 1)
            return yielded.removeLast().resume()
        }
        ready.swapAt(index, ready.count - 1)
        ready.removeLast().runSynchronously(on: asUnownedTaskExecutor())
    }

    /// Lets others go first, perhaps. `Task.yield` would leave the simulation and come back from another thread.
    func yield() async { await withUnsafeContinuation { yielded.append($0) } }

    func sleep(_ duration: Duration) async throws {
        try Task.checkCancellation()
        lastSleeper += 1
        let id = lastSleeper
        let (seconds, attoseconds) = duration.components
        let due = elapsed &+ max(0, seconds.multipliedReportingOverflow(by: 1_000_000_000).partialValue &+ attoseconds / 1_000_000_000)
        await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                if Task.isCancelled {
                    continuation.resume()
                } else {
                    sleepers.insert(.init(due: due, id: id, continuation: continuation))
                }
            }
        } onCancel: {
            sleepers.remove(id)?.continuation.resume()
        }
        try Task.checkCancellation()
    }

    /// Of the whole simulation.
    static let epoch = Timestamp(milliseconds: 1_800_000_000_000)

    var time: TimeSource {
        TimeSource(
            now: { Self.epoch + .nanoseconds(self.elapsed) + self.wallOffset }, elapsed: { .nanoseconds(self.elapsed) },
            sleep: { try await self.sleep($0) })
    }
}

/// Unchecked: confined to the thread of the executor it is used with.
final class Box<Value>: @unchecked Sendable {
    var value: Value?
}

enum SimulationError: Error, CustomStringConvertible {
    case hang
    case liveLock
    case endless

    var description: String {
        switch self {
        case .hang: "hang: nobody can run and nobody sleeps, and the work is not done"
        case .endless: "endless: after \(VirtualExecutor.patience) hours of virtual time the work is not done"
        case .liveLock: "live lock: \(VirtualExecutor.liveLock) jobs ran without any time passing"
        }
    }
}

/// Those who wait for a moment, the earliest first; of one moment, the first to come first.
private struct Sleepers {
    struct Sleeper {
        var due: Int64
        var id: UInt64
        var continuation: UnsafeContinuation<Void, Never>

        func isBefore(_ other: Sleeper) -> Bool { (due, id) < (other.due, other.id) }
    }

    private var heap: [Sleeper] = []
    /// Cancelled ones stay in the heap until their turn.
    private var waiting: [UInt64: UnsafeContinuation<Void, Never>] = [:]

    mutating func insert(_ sleeper: Sleeper) {
        waiting[sleeper.id] = sleeper.continuation
        heap.append(sleeper)
        var index = heap.count - 1
        while index > 0, heap[index].isBefore(heap[(index - 1) / 2]) {
            heap.swapAt(index, (index - 1) / 2)
            index = (index - 1) / 2
        }
    }

    mutating func remove(_ id: UInt64) -> Sleeper? {
        waiting.removeValue(forKey: id).map { Sleeper(due: 0, id: id, continuation: $0) }
    }

    mutating func popFirst(dueBy limit: Int64 = .max) -> Sleeper? {
        while let first = heap.first, first.due <= limit {
            heap.swapAt(0, heap.count - 1)
            heap.removeLast()
            sink()
            if waiting.removeValue(forKey: first.id) != nil { return first }
        }
        return nil
    }

    private mutating func sink() {
        var index = 0
        while true {
            var least = index
            for child in [2 * index + 1, 2 * index + 2] where child < heap.count && heap[child].isBefore(heap[least]) { least = child }
            guard least != index else { return }
            heap.swapAt(index, least)
            index = least
        }
    }
}
