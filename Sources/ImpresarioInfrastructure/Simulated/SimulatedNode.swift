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
    /// Begun and not finished, or half destroyed.
    public var isPartial = false
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

/// A command that runs in a node.
struct SimulatedProcess {
    var number: Int
    var node: ID<Node>
    var command: NodeCommand
    var fence: Fence
    /// When it ends by itself.
    var end: Duration
    /// Who started it is gone; it ends all the same.
    var isAbandoned = false
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
    /// False: every call fails.
    var isReachable = true
    /// By number.
    var processes: [Int: SimulatedProcess] = [:]
    var lastProcess = 0
    /// Calls under way that make or unmake a node.
    var busy: [ID<Node>: SimulatedCall] = [:]
    /// Grows when whoever calls is gone: what it began is nobody's.
    var era = 0

    mutating func begin(_ call: SimulatedCall, _ node: ID<Node>?) -> SimulatedFault? {
        journal.append(SimulatedInvocation(call, node))
        guard let index = faults.firstIndex(where: { $0.call == call && ($0.node == nil || $0.node == node) }) else { return nil }
        return faults.remove(at: index).fault
    }

    mutating func change(_ id: ID<Node>, _ body: (inout SimulatedNode) -> Void) throws(Problem) {
        guard nodes[id] != nil else {
            throw Problem(.notFound, "There is no node \(id) on this machine.", owner: .infrastructure)
        }
        body(&nodes[id]!)
    }

    mutating func changeRunning(_ id: ID<Node>, _ body: (inout SimulatedNode) -> Void) throws(Problem) {
        if let node = nodes[id], !node.isRunning || node.isPartial {
            throw Problem(.nodeUnreachable, "The node \(id) does not run.")
        }
        try change(id, body)
    }

    /// A node that stops takes its processes along.
    mutating func halt(_ id: ID<Node>) {
        nodes[id]?.isRunning = false
        end { $0.node == id }
    }

    mutating func end(where belongs: (SimulatedProcess) -> Bool) {
        if !processes.isEmpty { processes = processes.filter { !belongs($0.value) } }
    }
}
