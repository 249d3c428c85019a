// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel

/// A node that exists in a ``SimulatedDriver`` only.
public struct SimulatedNode: Hashable, Sendable {
    public struct Command: Hashable, Sendable {
        public var arguments: [String]
        public var fence: Fence
    }

    public var specification: NodeSpecification
    public var isRunning = true
    /// By path.
    public var files: [String: NodeFile] = [:]
    /// By name, as declared last; absent ones are not here.
    public var services: [String: ServiceSpecification] = [:]
    /// Port of the node to port of the host.
    public var exposed: [Int: Int] = [:]
    /// In the order in which they were run.
    public var commands: [Command] = []

    init(specification: NodeSpecification) { self.specification = specification }
}

/// All that a simulated driver holds.
struct SimulatedWorld {
    struct PlannedFault {
        var call: SimulatedCall
        var node: ID<Node>?
        var fault: SimulatedFault
    }

    var nodes: [ID<Node>: SimulatedNode] = [:]
    var faults: [PlannedFault] = []
    var journal: [SimulatedInvocation] = []
    var nextPort = 20_000
    var isReachable = true

    mutating func begin(_ call: SimulatedCall, _ node: ID<Node>?) -> SimulatedFault? {
        journal.append(SimulatedInvocation(call, node))
        guard let index = faults.firstIndex(where: { $0.call == call && ($0.node == nil || $0.node == node) }) else { return nil }
        return faults.remove(at: index).fault
    }

    mutating func change(_ id: ID<Node>, _ body: (inout SimulatedNode) -> Void) throws(Problem) {
        guard var node = nodes[id] else {
            throw Problem(.notFound, "There is no node \(id) on this machine.", owner: .infrastructure)
        }
        body(&node)
        nodes[id] = node
    }

    mutating func changeRunning(_ id: ID<Node>, _ body: (inout SimulatedNode) -> Void) throws(Problem) {
        if nodes[id]?.isRunning == false { throw Problem(.nodeUnreachable, "The node \(id) does not run.") }
        try change(id, body)
    }
}
