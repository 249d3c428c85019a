// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioInfrastructure
import ImpresarioModel

/// A host as one broker has it: deaf to the dead. What a broker asks of nodes is checked against what it has recorded.
struct MortalDriver: InfrastructureDriver {
    let machine: SimulatedDriver
    let world: World
    let life: Life

    var name: String { machine.name }

    private func cross<Answer: Sendable>(
        _ call: String, _ node: ID<Node>? = nil, _ work: () async throws(Problem) -> Answer
    ) async throws(Problem) -> Answer {
        try await life.cross("\(call) \(node.map { "\($0) " } ?? "")on \(name)", dead: .dead, work)
    }

    func capacity() async throws(Problem) -> ResourceVector {
        try await cross("capacity") { () throws(Problem) in try await machine.capacity() }
    }
    func create(_ node: NodeSpecification) async throws(Problem) {
        if life.isAlive { world.watch.checkCreation(of: node, on: name) }
        try await cross("create", node.id) { () throws(Problem) in try await machine.create(node) }
    }
    func destroy(_ node: ID<Node>) async throws(Problem) {
        if life.isAlive { world.watch.checkDestruction(of: node, isMember: world.engines.isMember(node)) }
        try await cross("destroy", node) { () throws(Problem) in try await machine.destroy(node) }
    }
    func start(_ node: ID<Node>) async throws(Problem) {
        try await cross("start", node) { () throws(Problem) in try await machine.start(node) }
    }
    func stop(_ node: ID<Node>, grace: Duration) async throws(Problem) {
        try await cross("stop", node) { () throws(Problem) in try await machine.stop(node, grace: grace) }
    }
    func execute(_ command: NodeCommand, on node: ID<Node>, fence: Fence) async throws(Problem) -> CommandOutcome {
        try await cross("execute \(command.arguments.prefix(2).joined(separator: " "))", node) { () throws(Problem) in
            try await machine.execute(command, on: node, fence: fence)
        }
    }
    func enforce(_ fence: Fence, on node: ID<Node>) async throws(Problem) {
        try await cross("enforce", node) { () throws(Problem) in
            if world.sabotage.contains(.attemptNotFenced) { return }
            try await machine.enforce(fence, on: node)
        }
    }
    func put(_ files: [NodeFile], on node: ID<Node>) async throws(Problem) {
        try await cross("put", node) { () throws(Problem) in try await machine.put(files, on: node) }
    }
    func get(_ path: String, limit: Int, from node: ID<Node>) async throws(Problem) -> Data {
        try await cross("get", node) { () throws(Problem) in try await machine.get(path, limit: limit, from: node) }
    }
    func declare(_ service: ServiceSpecification, on node: ID<Node>, fence: Fence) async throws(Problem) {
        try await cross("declare", node) { () throws(Problem) in try await machine.declare(service, on: node, fence: fence) }
    }
    func expose(port: Int, of node: ID<Node>) async throws(Problem) -> String {
        try await cross("expose", node) { () throws(Problem) in try await machine.expose(port: port, of: node) }
    }
    func list() async throws(Problem) -> [NodeStatus] {
        try await cross("list") { () throws(Problem) in try await machine.list() }
    }
    func removeUnused() async throws(Problem) {
        try await cross("removeUnused") { () throws(Problem) in try await machine.removeUnused() }
    }
}
