// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioBroker
import ImpresarioModel

/// Somebody with a token, who repeats a request until it is answered: brokers die, stores are full for a moment.
///
/// Unchecked: confined to the thread of the executor.
final class Client: @unchecked Sendable {
    let world: World
    let caller: Caller
    let tenant: String
    let project: String
    private let mark: String
    private var requests = 0

    init(_ world: World, _ name: String, tenant: String, project: String, role: Role = .member) {
        self.world = world
        self.tenant = tenant
        self.project = project
        mark = name
        caller = Caller(token: ID("k-\(name)"), name: name, role: role, tenant: role == .admin ? nil : tenant, project: nil)
    }

    /// - Returns: the answer, or the problem that decided it.
    func ask<Answer: Sendable>(
        _ request: (Broker) async throws(Problem) -> Answer
    ) async throws -> Result<Answer, Problem> {
        for _ in 0..<200 {
            try Task.checkCancellation()
            let (life, broker) = await world.living()
            do throws(Problem) {
                let answer = try await request(broker)
                world.decided += 1
                return .success(answer)
            } catch {
                let isNoAnswer = !life.isAlive || error.is(.shuttingDown) || error.is(.storeFailed) || error.is(.overloaded)
                guard isNoAnswer else {
                    world.decided += 1
                    return .failure(error)
                }
                try await world.time.sleep(for: world.random.milliseconds(20...200))
            }
        }
        world.violation("a request of \(mark) got no answer in 200 tries")
        throw CancellationError()
    }

    func path(_ cluster: String) -> ClusterPath { ClusterPath(tenant: tenant, project: project, cluster: cluster) }

    /// A name that nobody has used before.
    func name() -> String {
        requests += 1
        return "\(mark)-\(requests)"
    }

    /// One cluster for one request, however often it has to be sent.
    func create(
        _ name: String? = nil, _ parameters: JSONValue = [:], onFailure: ImpresarioModel.Operation.Aftermath? = nil, lease: Int64? = nil,
        queue: Bool? = nil
    ) async throws -> Result<Accepted, Problem> {
        let name = name ?? self.name()
        let body = NewCluster(
            name: name, type: "sample", parameters: parameters, onFailure: onFailure,
            lease: lease.flatMap { TimeToLive(seconds: $0) }, queue: queue)
        let key = IdempotencyKey(key: name, request: Data(name.utf8))
        let answer = try await ask { broker throws(Problem) in
            try await broker.createCluster(body, in: self.project, of: self.tenant, for: self.caller, key: key)
        }
        let admissions = world.watch.admissions[name] ?? 0
        switch answer {
        case .success(let accepted) where admissions != 1:
            world.violation("cluster \(name) was answered as \(accepted.cluster.id) and admitted \(admissions) times")
        case .failure(let problem) where admissions != 0:
            world.violation("cluster \(name) was admitted, and its request answered with \(problem)")
        default: break
        }
        return answer
    }

    func delete(_ name: String) async throws -> Result<Accepted, Problem> {
        try await ask { broker throws(Problem) in
            try await broker.deleteCluster(self.path(name), expecting: nil, for: self.caller)
        }
    }

    func end(of operation: ID<ImpresarioModel.Operation>) async {
        await world.watch.end(of: operation)
        // The broker's own view follows the store by a moment.
        try? await world.time.sleep(for: .milliseconds(1))
    }
}
