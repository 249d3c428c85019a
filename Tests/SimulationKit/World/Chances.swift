// SPDX-License-Identifier: Apache-2.0

import ImpresarioInfrastructure
import ImpresarioModel
import ImpresarioStore

/// How often what goes wrong, in thousandths of the calls.
struct Chances: Sendable {
    /// A commit that lets others go first, and one that takes milliseconds.
    var commit = 300
    var storeFailure = 0
    /// A driver's call that fails and has done nothing; has done all; never ends.
    var fail = 0
    var failAfter = 0
    var hang = 0
    /// A plugin's call whose guest dies before or after its work; hangs; says that it is busy; answers nonsense.
    var crash = 0
    var pluginHang = 0
    var busy = 0
    var nonsense = 0
    /// Milliseconds that a driver's call takes.
    var delay = 1...60

    /// Nothing fails.
    static let none = Chances()

    static func draw(_ random: SeededRandom) -> Chances {
        // A third of the seeds is calm: there it is the order of things that is tried.
        switch random.below(3) {
        case 0: return Chances()
        case 1:
            return Chances(
                storeFailure: random.below(3), fail: random.below(10), failAfter: random.below(10), hang: 0, crash: random.below(10),
                pluginHang: 0, busy: random.below(10), nonsense: random.below(3))
        default:
            return Chances(
                commit: 300 + random.below(600), storeFailure: random.below(10), fail: random.below(40), failAfter: random.below(40),
                hang: random.below(3), crash: random.below(40), pluginHang: random.below(4), busy: random.below(40),
                nonsense: random.below(8), delay: 1...(10 + random.below(1500)))
        }
    }
}

extension World {
    func pause(_ share: Int) async {
        if chance(share) { await executor.yield() }
        if chance(share / 10) { try? await time.sleep(for: random.milliseconds(1...20)) }
    }

    /// Only while there is weather at all.
    func chance(_ share: Int) -> Bool { !isCalm && random.chance(share) }

    func storeFailure() -> StoreError? {
        guard chance(chances.storeFailure) else { return nil }
        return random.chance(500) ? .overloaded : .failed("simulated: the disk is full")
    }

    func driverFaults(_ call: SimulatedCall, _ node: ID<Node>?) -> [SimulatedFault] {
        let pause = SimulatedFault.delay(random.milliseconds(isCalm ? 1...20 : chances.delay))
        if chance(chances.fail) {
            let failure = SimulatedFault.fail(Problem(.infrastructure, "Simulated: nothing was done."))
            return random.chance(500) ? [failure] : [pause, failure]
        }
        if chance(chances.failAfter) { return [pause, .failAfter(Problem(.infrastructure, "Simulated: the answer got lost."))] }
        if chance(chances.hang) { return [.hang] }
        return [pause]
    }
}
