// SPDX-License-Identifier: Apache-2.0

import ImpresarioInfrastructure
import ImpresarioModel

/// What happens to a world from outside while its clients work. A new one is a row in ``all``.
struct Mishap: Sendable {
    var weight: Int
    var run: @Sendable (World, SeededRandom) async throws -> Void

    init(_ weight: Int, _ run: @escaping @Sendable (World, SeededRandom) async throws -> Void) {
        self.weight = weight
        self.run = run
    }

    static let all: [Mishap] = [
        // The broker is killed.
        Mishap(30) { world, _ in world.kill() },
        // It is restarted in good order.
        Mishap(10) { world, _ in await world.stop() },
        // Somebody sets the wall clock.
        Mishap(10) { world, random in
            world.executor.wallOffset += .seconds(random.below(2 * 900) - 900)
        },
        // A host does not answer for a while; its nodes run on.
        Mishap(10) { world, random in
            let machine = world.machines[random.pick(world.machines.keys.sorted())]!
            machine.isReachable = false
            try await world.time.sleep(for: random.milliseconds(500...90_000))
            machine.isReachable = true
        },
        // A node dies.
        Mishap(15) { world, random in
            let machine = world.machines[random.pick(world.machines.keys.sorted())]!
            let nodes = machine.nodes.keys.sorted()
            if !nodes.isEmpty { machine.crash(random.pick(nodes)) }
        },
    ]

    static func draw(_ random: SeededRandom) -> Mishap {
        var rest = random.below(all.reduce(0) { $0 + $1.weight })
        for mishap in all {
            rest -= mishap.weight
            if rest < 0 { return mishap }
        }
        return all[0]
    }
}
