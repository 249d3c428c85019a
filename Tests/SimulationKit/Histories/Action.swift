// SPDX-License-Identifier: Apache-2.0

import ImpresarioBroker
import ImpresarioModel

/// Something a client does in a random history. A new one is a row in ``all``.
struct Action: Sendable {
    var name: String
    /// How often, beside the others.
    var weight: Int
    var run: @Sendable (Client, SeededRandom) async throws -> Void

    init(_ name: String, _ weight: Int, _ run: @escaping @Sendable (Client, SeededRandom) async throws -> Void) {
        self.name = name
        self.weight = weight
        self.run = run
    }

    static let all: [Action] = [
        Action("create", 40) { client, random in
            let answer = try await client.create(
                nil, parameters(random), onFailure: random.pick([nil, .keep, .delete]),
                lease: random.chance(80) ? 5 + Int64(random.below(120)) : nil,
                queue: random.chance(200))
            if case .success(let accepted) = answer, accepted.cluster.phase != .queued, random.chance(600) {
                await client.end(of: accepted.operation.id)
            }
        },
        Action("delete", 26) { client, random in
            guard let cluster = client.cluster(random) else { return }
            let answer = try await client.delete(cluster.name)
            if case .success(let accepted) = answer, random.chance(300) { await client.end(of: accepted.operation.id) }
        },
        Action("cancel", 6) { client, random in
            guard let operation = client.cluster(random, where: { $0.isTransitional })?.operation else { return }
            let then = random.pick([nil, CancelOperation.Wish.keep, .delete, .undo])
            _ = try await client.ask { broker throws(Problem) in
                try await broker.cancelOperation(operation.rawValue, CancelOperation(then: then), for: client.caller)
            }
        },
        Action("retry", 6) { client, random in
            guard let operation = client.cluster(random, where: { $0.phase == "failed" })?.operation else { return }
            _ = try await client.ask { broker throws(Problem) in try await broker.retryOperation(operation.rawValue, for: client.caller) }
        },
        Action("credentials", 4) { client, random in
            guard let cluster = client.cluster(random, where: { $0.phase == "ready" }) else { return }
            let issued = try await client.ask { broker throws(Problem) in
                try await broker.issueCredentials(of: client.path(cluster.name), CredentialsRequest(), for: client.caller)
            }
            guard case .success(let credentials) = issued, random.chance(500) else { return }
            _ = try await client.ask { broker throws(Problem) in
                try await broker.revokeBinding(credentials.binding.rawValue, of: client.path(cluster.name), for: client.caller)
            }
        },
        Action("operate", 4) { client, random in
            guard let cluster = client.cluster(random) else { return }
            _ = try await client.ask { broker throws(Problem) in
                try await broker.perform("poke", on: client.path(cluster.name), arguments: [:], for: client.caller)
            }
        },
        Action("move", 5) { client, random in
            guard let cluster = client.cluster(random, where: { $0.phase == "ready" }) else { return }
            let to = random.pick(["1.0.0", "2.0.0", "2.0.0"])
            _ = try await client.ask { broker throws(Problem) in
                try await broker.movePins(ofPlugin: "sample", client.selecting(cluster, to: to), for: World.admin)
            }
        },
        Action("roll back", 3) { client, random in
            guard let cluster = client.cluster(random, where: { $0.phase == "ready" }) else { return }
            _ = try await client.ask { broker throws(Problem) in
                try await broker.rollBackPins(ofPlugin: "sample", client.selecting(cluster, to: nil), for: World.admin)
            }
        },
        Action("change", 14) { client, random in
            guard let cluster = client.cluster(random, where: { $0.phase == "ready" }) else { return }
            let change = ClusterChange(parameters: .object(changes(random)))
            let answer = try await client.ask { broker throws(Problem) in
                try await broker.changeCluster(client.path(cluster.name), change, for: client.caller)
            }
            if case .success(let changed) = answer, let operation = changed.operation, random.chance(400) {
                await client.end(of: operation.id)
            }
        },
        Action("repair", 2) { client, random in
            guard let cluster = client.cluster(random, where: { $0.phase == "ready" }) else { return }
            _ = try await client.ask { broker throws(Problem) in
                try await broker.repairCluster(client.path(cluster.name), RepairRequest(), for: client.caller)
            }
        },
        Action("state of a host", 3) { client, random in
            let host = random.pick(client.world.machines.keys.sorted())
            let state = random.pick([Host.State.ready, .ready, .cordoned, .draining])
            _ = try await client.ask { broker throws(Problem) in
                try await broker.changeHost(host, HostUpdate(state: state), expecting: nil, for: World.admin)
            }
        },
        Action("hibernate", 6) { client, random in
            guard let cluster = client.cluster(random, where: { $0.phase == "ready" }) else { return }
            _ = try await client.ask { broker throws(Problem) in
                try await broker.hibernateCluster(client.path(cluster.name), for: client.caller)
            }
        },
        Action("wake", 8) { client, random in
            guard let cluster = client.cluster(random, where: { $0.phase == "hibernated" }) else { return }
            _ = try await client.ask { broker throws(Problem) in
                try await broker.wakeCluster(client.path(cluster.name), for: client.caller)
            }
        },
        Action("extend the lease", 2) { client, random in
            guard let cluster = client.cluster(random) else { return }
            let lease = LeaseRequest(lease: TimeToLive(seconds: 60), leaseEnding: random.pick([nil, .delete, .hibernate]))
            _ = try await client.ask { broker throws(Problem) in
                try await broker.extendLease(client.path(cluster.name), lease, for: client.caller)
            }
        },
        Action("limits of the tenant", 2) { client, random in
            let limits = limits(random, 2)
            _ = try await client.ask { broker throws(Problem) in
                try await broker.setQuota(ofTenant: client.tenant, to: limits, expecting: nil, for: World.admin)
            }
        },
        Action("limits of the project", 2) { client, random in
            let limits = limits(random, 1)
            _ = try await client.ask { broker throws(Problem) in
                try await broker.setQuota(ofProject: client.project, of: client.tenant, to: limits, expecting: nil, for: World.admin)
            }
        },
        Action("dry run", 2) { client, random in
            let request = NewCluster(name: client.name(), type: "sample", parameters: parameters(random))
            _ = try await client.ask { broker throws(Problem) in
                try await broker.previewCluster(request, in: client.project, of: client.tenant, for: client.caller)
            }
        },
    ]

    static let totalWeight = all.reduce(0) { $0 + $1.weight }

    static func draw(_ random: SeededRandom) -> Action {
        var rest = random.below(totalWeight)
        for action in all {
            rest -= action.weight
            if rest < 0 { return action }
        }
        return all[0]
    }

    static func parameters(_ random: SeededRandom) -> JSONValue {
        [
            "leaders": .integer(random.pick([1, 1, 1, 3])), "followers": .integer(Int64(random.below(3))),
            "flavor": .string(random.pick(["tiny", "small", "small", "large"])), "surge": .integer(random.chance(150) ? 1 : 0),
        ]
    }

    static func changes(_ random: SeededRandom) -> [String: JSONValue] {
        var changes: [String: JSONValue] = [:]
        if random.chance(600) { changes["followers"] = .integer(Int64(random.below(4))) }
        if random.chance(250) { changes["leaders"] = .integer(random.pick([1, 3, 3])) }
        if random.chance(250) { changes["note"] = .string(String(random.below(10))) }
        if random.chance(250) { changes["version"] = .string(random.pick(["1", "2", "3"])) }
        return changes
    }

    static func limits(_ random: SeededRandom, _ factor: Int64) -> ResourceLimits {
        var limits = ResourceLimits()
        if random.chance(700) { limits["node"] = factor * Int64(3 + random.below(12)) }
        if random.chance(300) { limits["cluster"] = factor * Int64(1 + random.below(5)) }
        if random.chance(300) { limits["cpu"] = factor * Int64(1_000 + random.below(6_000)) }
        return limits
    }
}

extension Client {
    /// One of the project's, as a list would show them.
    func cluster(_ random: SeededRandom, where belongs: (ClusterRow) -> Bool = { _ in true }) -> ClusterRow? {
        let mine = world.watch.clusters.values.filter { $0.tenant == tenant && $0.project == project && belongs($0) }
        return mine.isEmpty ? nil : random.pick(mine.sorted { $0.id < $1.id })
    }

    func selecting(_ cluster: ClusterRow, to version: String?) -> MovePins {
        MovePins(to: version, tenant: tenant, project: project, cluster: cluster.name)
    }
}
