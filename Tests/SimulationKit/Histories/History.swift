// SPDX-License-Identifier: Apache-2.0

import ImpresarioBroker
import ImpresarioModel

/// What a run was, in figures and, when something did not hold, in words.
public struct Outcome: Sendable {
    public var violations: [String] = []
    /// Operation records that came to an end.
    public var operations = 0
    /// Requests that were answered: done or refused.
    public var decided = 0
    public var deaths = 0
    public var commits = 0
    /// Calls that left a broker.
    public var crossings = 0
    public var digest: UInt64 = 0
    /// The last things that happened, when there are violations.
    public var story: [String] = []
    /// Virtual.
    public var seconds: Int64 = 0
    public var jobs = 0
    public var lethalCall: String?
}

extension World {
    var outcome: Outcome {
        Outcome(
            violations: violations, operations: watch.ended.count, decided: decided, deaths: deaths, commits: watch.commits,
            crossings: crossings, digest: watch.digest, story: violations.isEmpty ? [] : watch.story,
            seconds: executor.elapsed / 1_000_000_000, jobs: executor.jobs, lethalCall: lethalCall)
    }

    /// Runs a body in this world, with a broker whenever there can be one, and looks at everything when it is done.
    func run(_ body: @escaping @Sendable (World) async throws -> Void) -> Outcome {
        do {
            try executor.run {
                let supervisor = Task(executorPreference: self.executor) { await self.superviseBrokers() }
                do {
                    try await body(self)
                    if self.violations.isEmpty { try await self.settle() }
                } catch { self.violation("the run itself failed: \(error)") }
                supervisor.cancel()
                self.kill()
                await supervisor.value
            }
        } catch { violation("\(error)") }
        return outcome
    }
}

/// Clients of several tenants who do what chance tells them, in a world where things go wrong.
public enum History {
    public static func run(seed: UInt64, actions: Int, sabotage: Sabotage = []) -> Outcome {
        let random = SeededRandom(seed: seed &* 0x2545_f491_4f6c_dd1d &+ 1)
        let world = World(seed: random.next(), sabotage: sabotage, chances: Chances.draw(random))
        return world.run { world in
            try await world.build(hosts: 1 + random.below(4), zones: 1 + random.below(2))
            let clients = try await settlers(world, random)
            world.isCalm = false
            let budget = Budget(actions)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for client in clients {
                    let random = random.fork()
                    group.addTask {
                        while budget.take(), world.violations.isEmpty {
                            try await Action.draw(random).run(client, random)
                            try await world.time.sleep(for: random.milliseconds(1...1500))
                        }
                    }
                }
                let nature = random.fork()
                let pace = 3_000 + random.below(60_000)
                let mishaps = Task(executorPreference: world.executor) {
                    while !Task.isCancelled {
                        try await world.time.sleep(for: nature.milliseconds(1...pace))
                        try await Mishap.draw(nature).run(world, nature)
                    }
                }
                defer { mishaps.cancel() }
                try await group.waitForAll()
            }
        }
    }

    /// Tenants with projects, and who works in them.
    private static func settlers(_ world: World, _ random: SeededRandom) async throws -> [Client] {
        var clients: [Client] = []
        let admin = Client(world, "ada", tenant: "-", project: "-", role: .admin)
        for tenant in 0..<(1 + random.below(3)) {
            let (name, limits) = ("t\(tenant)", Action.limits(random, 2))
            _ = try await admin.ask { broker throws(Problem) in
                try await broker.createTenant(name, limits: limits, zones: nil, for: World.admin)
            }
            for project in 0..<(1 + random.below(2)) {
                _ = try await admin.ask { broker throws(Problem) in
                    try await broker.createProject("p\(project)", of: name, limits: [:], for: World.admin)
                }
                for member in 0..<(1 + random.below(2)) {
                    clients.append(Client(world, "u\(tenant)\(project)\(member)", tenant: name, project: "p\(project)"))
                }
            }
        }
        return clients
    }
}

/// Unchecked: confined to the thread of the executor.
private final class Budget: @unchecked Sendable {
    private var rest: Int
    init(_ count: Int) { rest = count }
    func take() -> Bool {
        rest -= 1
        return rest >= 0
    }
}
