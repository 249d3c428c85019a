// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioInfrastructure
import ImpresarioModel
import Synchronization

/// Nodes that are entries of a map.
final class FakeDriver: InfrastructureDriver {
    private let nodes = Mutex<[ID<Node>: NodeSpecification]>([:])
    let name = "fake"

    func capacity() async throws(Problem) -> ResourceVector { ["cpu": 16_000, "memory": 64 << 30, "disk": 1 << 40] }
    func create(_ node: NodeSpecification) async throws(Problem) { nodes.withLock { $0[node.id] = node } }
    func destroy(_ node: ID<Node>) async throws(Problem) { nodes.withLock { $0[node] = nil } }
    func start(_ node: ID<Node>) async throws(Problem) {}
    func stop(_ node: ID<Node>, grace: Duration) async throws(Problem) {}
    func execute(_ command: NodeCommand, on node: ID<Node>, fence: Fence) async throws(Problem) -> CommandOutcome {
        CommandOutcome(exitCode: 0, output: Data(), error: Data())
    }
    func enforce(_ fence: Fence, on node: ID<Node>) async throws(Problem) {}
    func put(_ files: [NodeFile], on node: ID<Node>) async throws(Problem) {}
    func get(_ path: String, limit: Int, from node: ID<Node>) async throws(Problem) -> Data { Data() }
    func declare(_ service: ServiceSpecification, on node: ID<Node>, fence: Fence) async throws(Problem) {}
    func expose(port: Int, of node: ID<Node>) async throws(Problem) -> String { "127.0.0.1:\(port)" }
    func list() async throws(Problem) -> [NodeStatus] {
        nodes.withLock { $0.map { NodeStatus(id: $0.key, cluster: $0.value.cluster, state: .running) } }
    }
    func removeUnused() async throws(Problem) {}
}
