// SPDX-License-Identifier: Apache-2.0

import ImpresarioBroker
import ImpresarioInfrastructure
import ImpresarioModel

/// A short story that is told again and again, with the broker dying before and after every call that leaves it.
///
/// A new one is a row in ``all``. Its script asks through a ``Client``, who repeats what got no answer.
public struct Scenario: Sendable {
    public var name: String
    /// What happens before is not interrupted.
    var prepare: @Sendable (Client) async throws -> Void = { _ in }
    var script: @Sendable (Client) async throws -> Void

    /// - Returns: what became of it, and how many calls left the broker.
    public func run(seed: UInt64 = 1, death: Death? = nil, sabotage: Sabotage = []) -> Outcome {
        let world = World(seed: seed, sabotage: sabotage)
        return world.run { world in
            try await world.build(hosts: 3, zones: 1)
            let client = Client(world, "bob", tenant: "acme", project: "shop")
            _ = try await client.ask { broker throws(Problem) in
                try await broker.createTenant("acme", limits: [:], zones: nil, for: World.admin)
            }
            _ = try await client.ask { broker throws(Problem) in
                try await broker.createProject("shop", of: "acme", limits: [:], for: World.admin)
            }
            try await prepare(client)
            world.crossings = 0
            world.death = death
            try await script(client)
        }
    }

    public static let all: [Scenario] = [
        Scenario(name: "create") { client in
            let accepted = try await client.create("web", ["leaders": 3, "followers": 1]).get()
            await client.end(of: accepted.operation.id)
            try client.expect("web", is: "ready")
        },
        Scenario(name: "delete", prepare: { try await $0.ready("web") }) { client in
            try await client.deleteAndWait("web")
        },
        Scenario(name: "create and delete at once") { client in
            _ = try await client.create("web", ["followers": 2]).get()
            try await client.deleteAndWait("web")
        },
        Scenario(name: "delete in the middle") { client in
            _ = try await client.create("web", ["leaders": 3]).get()
            let key = "clusters/acme/shop/web"
            while client.world.watch.clusters[key]?.nodes.contains(where: { $0.state == "joined" }) == false {
                try await client.world.time.sleep(for: .milliseconds(5))
            }
            try await client.deleteAndWait("web")
        },
        Scenario(name: "some at once", prepare: { try await $0.ready("old") }) { client in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for name in ["a", "b"] {
                    group.addTask {
                        let accepted = try await client.create(name).get()
                        await client.end(of: accepted.operation.id)
                        try client.expect(name, is: "ready")
                    }
                }
                group.addTask { try await client.deleteAndWait("old") }
                try await group.waitForAll()
            }
        },
        Scenario(name: "cancel") { client in
            let operation = try await client.create("web").get().operation.id
            _ = try await client.ask { broker throws(Problem) in
                try await broker.cancelOperation(operation.rawValue, CancelOperation(then: .delete), for: client.caller)
            }
        },
        Scenario(name: "cancel, keep and retry") { client in
            let operation = try await client.create("web").get().operation.id
            _ = try await client.ask { broker throws(Problem) in
                try await broker.cancelOperation(operation.rawValue, CancelOperation(then: .keep), for: client.caller)
            }
            _ = try await client.ask { broker throws(Problem) in try await broker.retryOperation(operation.rawValue, for: client.caller) }
            await client.end(of: operation)
            try client.expect("web", is: "ready")
        },
        Scenario(name: "move and roll back", prepare: { try await $0.ready("web") }) { client in
            try await client.pin("web") { broker, moves throws(Problem) in
                var moves = moves
                moves.to = "2.0.0"
                return try await broker.movePins(ofPlugin: "sample", moves, for: World.admin)
            }
            try await client.pin("web") { broker, moves throws(Problem) in
                try await broker.rollBackPins(ofPlugin: "sample", moves, for: World.admin)
            }
            try client.expect("web", is: "ready")
        },
        Scenario(name: "grow", prepare: { try await $0.ready("web") }) { client in
            try await client.change("web", ["leaders": 3, "followers": 2])
        },
        Scenario(name: "shrink", prepare: { try await $0.ready("web", ["leaders": 3, "followers": 2]) }) { client in
            try await client.change("web", ["leaders": 1, "followers": 1])
        },
        Scenario(name: "upgrade", prepare: { try await $0.ready("web", ["leaders": 1, "followers": 2, "surge": 1]) }) { client in
            try await client.change("web", ["version": "2"])
        },
        Scenario(name: "wait in line", prepare: { try await $0.ready("old", ["leaders": 5, "followers": 7, "flavor": "large"]) }) {
            client in
            let accepted = try await client.create("new", ["leaders": 1, "followers": 3, "flavor": "large"], queue: true).get()
            try await client.deleteAndWait("old")
            await client.end(of: accepted.operation.id)
            try client.expect("new", is: "ready")
        },
        Scenario(name: "drain", prepare: { try await $0.ready("web", ["leaders": 3, "followers": 1]) }) { client in
            let world = client.world
            func isEmpty() -> Bool { world.watch.clusters.values.allSatisfy { $0.nodes.allSatisfy { $0.host != "h0" } } }
            _ = try await client.ask { broker throws(Problem) in
                try await broker.changeHost("h0", HostUpdate(state: .draining), expecting: nil, for: World.admin)
            }
            while !isEmpty(), world.violations.isEmpty { try await world.time.sleep(for: .seconds(1)) }
        },
        Scenario(name: "repair", prepare: { try await $0.ready("web", ["leaders": 3, "followers": 1]) }) { client in
            let world = client.world
            let lost = world.watch.clusters["clusters/acme/shop/web"]?.nodes.first?.id ?? ID("")
            world.machine(of: lost)?.lose(lost)
            func isMended() -> Bool {
                guard let web = world.watch.clusters["clusters/acme/shop/web"] else { return false }
                return web.phase == "ready" && !web.nodes.contains { $0.id == lost } && web.nodes.allSatisfy { $0.state == "joined" }
            }
            while !isMended(), world.violations.isEmpty { try await world.time.sleep(for: .seconds(1)) }
        },
        Scenario(name: "a host goes and comes back", prepare: { try await $0.ready("web", ["leaders": 3, "followers": 1]) }) { client in
            let world = client.world
            world.machines["h0"]?.isReachable = false
            try await world.time.sleep(for: .seconds(150))
            try await client.deleteAndWait("web")
            world.machines["h0"]?.isReachable = true
        },
        Scenario(name: "lease") { client in
            let accepted = try await client.create("web", lease: 20).get()
            await client.end(of: accepted.operation.id)
            while client.world.watch.clusters["clusters/acme/shop/web"] != nil, client.world.violations.isEmpty {
                try await client.world.time.sleep(for: .seconds(2))
            }
        },
        Scenario(name: "hibernate and wake", prepare: { try await $0.ready("web", ["leaders": 1, "followers": 2]) }) { client in
            try await client.operate { broker throws(Problem) in
                try await broker.hibernateCluster(client.path("web"), for: client.caller)
            }
            try client.expect("web", is: "hibernated")
            try await client.operate { broker throws(Problem) in try await broker.wakeCluster(client.path("web"), for: client.caller) }
            try client.expect("web", is: "ready")
        },
    ]
}

extension Client {
    /// Begins an operation and waits for its end. That it is there already, or goes on already, is an answer that got lost.
    func operate(_ begin: @Sendable (Broker) async throws(Problem) -> Accepted) async throws {
        switch try await ask(begin) {
        case .success(let accepted): await end(of: accepted.operation.id)
        case .failure(let problem):
            if let running = problem.facts?["operation"]?.string { await end(of: ID(running)) }
        }
    }

    func expect(_ name: String, is phase: String) throws {
        let cluster = world.watch.clusters["clusters/\(tenant)/\(project)/\(name)"]
        if cluster?.phase != phase { world.violation("cluster \(name) is \(cluster?.phase ?? "gone"); \(phase) was to be expected") }
    }

    /// Until it is so: a repeated request finds nothing left to do.
    func change(_ name: String, _ parameters: JSONValue) async throws {
        switch try await ask({ broker throws(Problem) in
            try await broker.changeCluster(self.path(name), ClusterChange(parameters: parameters), for: self.caller)
        }) {
        case .success(let changed): if let operation = changed.operation { await end(of: operation.id) }
        case .failure(let problem):
            guard let running = problem.facts?["operation"]?.string else { throw problem }
            await end(of: ID(running))
        }
        try expect(name, is: "ready")
    }

    func ready(_ name: String, _ parameters: JSONValue = ["leaders": 1, "followers": 1]) async throws {
        let accepted = try await create(name, parameters).get()
        await end(of: accepted.operation.id)
        try expect(name, is: "ready")
    }

    func deleteAndWait(_ name: String) async throws {
        switch try await delete(name) {
        case .success(let accepted): await end(of: accepted.operation.id)
        // It was done, and its answer got lost.
        case .failure(let problem) where problem.is(.notFound): break
        case .failure(let problem): throw problem
        }
        if world.watch.clusters["clusters/\(tenant)/\(project)/\(name)"] != nil { world.violation("cluster \(name) is still there") }
    }

    func pin(_ name: String, _ begin: @Sendable (Broker, MovePins) async throws(Problem) -> PinMoves) async throws {
        let request = MovePins(tenant: tenant, project: project, cluster: name)
        let moves = try await ask { broker throws(Problem) in try await begin(broker, request) }.get()
        // It was done, and its answer got lost.
        if let problem = moves.moves.first?.problem, !problem.is(.rollbackRefused) || world.deaths == 0 { throw problem }
        if let operation = moves.moves.first?.operation { await end(of: operation) }
    }
}
