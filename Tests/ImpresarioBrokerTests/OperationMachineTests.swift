// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel
import Testing

@testable import ImpresarioBroker

@Suite("An operation")
struct OperationMachineTests {
    let start = Timestamp(milliseconds: 1_000_000)

    func operation(_ kind: ImpresarioModel.Operation.Kind = .create) -> ImpresarioModel.Operation {
        .init(
            id: ID("o1"), kind: kind, cluster: ID("c1"), clusterName: "web", tenant: ID("t1"), project: ID("p1"), requestedBy: "ada",
            steps: OperationMachine.steps(of: kind), createdAt: start)
    }

    func apply(_ events: [OperationMachine.Event], to operation: ImpresarioModel.Operation, at now: Timestamp? = nil)
        -> ImpresarioModel.Operation
    {
        events.reduce(operation) { OperationMachine.apply($1, to: $0, now: now ?? start) }
    }

    @Test(
        "goes through its steps in order and succeeds after the last",
        arguments: [ImpresarioModel.Operation.Kind.create, .delete, .move, .rollback, .resize, .upgrade, .repair, .replace])
    func straight(kind: ImpresarioModel.Operation.Kind) {
        var operation = operation(kind)
        var performed: [String] = []
        while case .perform(let step) = OperationMachine.action(for: operation) {
            performed.append(step)
            operation = apply([.begin, .succeed], to: operation)
        }
        #expect(performed == OperationMachine.steps(of: kind).map(\.name))
        #expect(operation.state == .succeeded)
        #expect(operation.progress == 10_000)
    }

    @Test("tries a step again after a failure that may pass, counting attempts and keeping the deadline")
    func retry() {
        let passing = Problem(.nodeUnreachable, "Gone for a moment.")
        let once = apply([.begin, .fail(passing)], to: operation())
        #expect(once.state == .running)
        #expect(once.steps[0].state == .pending)
        #expect(OperationMachine.action(for: once) == .perform(step: "provision"))
        let twice = apply([.begin], to: once, at: start + .seconds(5))
        #expect(twice.steps[0].attempts == 2)
        #expect(twice.steps[0].deadline == once.steps[0].deadline)
        #expect(apply([.succeed], to: twice).steps[0].problem == nil)
    }

    @Test("fails for good when the failure will not pass, or when the time is over")
    func failure() {
        let final = apply([.begin, .fail(Problem(.invalidParameters, "Never."))], to: operation())
        #expect(final.state == .failed)
        #expect(final.problem?.cause?.first?.code == "invalid-parameters")
        let begun = apply([.begin], to: operation())
        let late = apply([.fail(Problem(.nodeUnreachable, "Still gone."))], to: begun, at: start + .seconds(100_000))
        #expect(late.state == .failed)
        #expect(late.finishedAt != nil)
    }

    @Test("that deletes never fails: it goes on after any problem, with a new deadline when one is over")
    func deletion() throws {
        let refused = apply([.begin, .fail(Problem(.invalidParameters, "Never."))], to: operation(.delete))
        #expect(refused.state == .running && refused.steps[0].state == .pending && refused.steps[0].problem != nil)
        let late = start + .seconds(100_000)
        let again = apply([.begin, .fail(Problem(.storeFailed, "Full."))], to: refused, at: late)
        #expect(again.state == .running)
        #expect(try #require(again.steps[0].deadline) > late)
    }

    @Test("has a new deadline when another broker takes over, and the attempts go on")
    func resume() throws {
        let begun = apply([.begin], to: operation())
        let later = start + .seconds(100_000)
        let resumed = apply([.resume, .begin], to: begun, at: later)
        #expect(try #require(resumed.steps[0].deadline) > later)
        #expect(resumed.steps[0].attempts == 2)
    }

    @Test("keeps its invariants under any order of events")
    func anyOrder() {
        var random = SystemRandomNumberGenerator()
        let events: [OperationMachine.Event] = [
            .begin, .progress(5000, phase: "half"), .succeed, .fail(Problem(.nodeUnreachable, "x")), .fail(Problem(.internal, "y")),
            .cancel, .resume,
        ]
        for _ in 0..<2000 {
            var current = operation([.create, .delete, .move, .rollback].randomElement(using: &random) ?? .create)
            for tick in 0..<20 {
                let event = events.randomElement(using: &random) ?? .begin
                let next = OperationMachine.apply(event, to: current, now: start + .seconds(tick * 100))
                if current.state.isFinal { #expect(next == current) }
                #expect(next.steps.filter { $0.state == .running }.count <= 1)
                #expect(next.state.isFinal == (next.finishedAt != nil))
                #expect(next.state != .failed || next.problem != nil)
                #expect((next.state == .succeeded) == next.steps.allSatisfy { $0.state == .done })
                for (before, after) in zip(current.steps, next.steps) { #expect(after.attempts >= before.attempts) }
                if next.state == .running { #expect(OperationMachine.action(for: next) != .nothing) }
                current = next
            }
        }
    }

    @Test("of a move takes back what it did before it has failed, after a bounded number of attempts")
    func takingBack() {
        let passing = Problem(.pluginCrashed, "Gone for a moment.")
        var move = apply([.begin, .succeed, .begin, .succeed], to: operation(.move))
        for attempt in 1...5 {
            #expect(OperationMachine.action(for: move) == .perform(step: "migrate"), "attempt \(attempt)")
            move = apply([.begin, .fail(passing)], to: move)
        }
        #expect(move.state == .running && move.problem?.cause?.first?.code == "plugin-crashed")
        #expect(move.steps.map(\.state) == [.done, .done, .failed, .skipped, .skipped, .pending])
        #expect(OperationMachine.action(for: move) == .perform(step: "restore"))
        let restored = apply([.begin, .succeed], to: move)
        #expect(restored.state == .failed && restored.problem == move.problem)
        // What cannot be taken back tells both.
        let stuck = apply([.begin, .fail(Problem(.storeFailed, "Full.")), .begin, .fail(Problem(.internal, "Broken."))], to: move)
        #expect(stuck.state == .failed && stuck.problem?.cause?.map(\.code) == ["internal", "step-failed"])
    }

    @Test("waits longer after each attempt, up to a bound")
    func backoff() {
        #expect(OperationMachine.backoff(afterAttempt: 1, chance: 0) == .milliseconds(500))
        #expect(OperationMachine.backoff(afterAttempt: 3, chance: 0) == .seconds(2))
        #expect(OperationMachine.backoff(afterAttempt: 1000, chance: 1) == .seconds(60))
    }
}
