// SPDX-License-Identifier: Apache-2.0

public import FoundationEssentials
public import ImpresarioModel

/// An equal part of this machine as a host of its own: it has its capacity, its nodes and its state, and can be cordoned and drained like
/// another machine. What makes the nodes is one and the same ``LocalDriver``.
public struct LocalShare: InfrastructureDriver {
    private let machine: LocalDriver
    private let host: String
    private let count: Int
    /// Whether nodes of which nobody knows the share any more are this one's.
    private let ownsUnknown: Bool

    public var name: String { machine.name }

    /// One driver for each name. A single name is the whole machine.
    ///
    /// - Throws: `invalid-name` for what is no DNS label, or is there twice.
    public static func divide(_ machine: LocalDriver, among hosts: [String]) throws(Problem) -> [String: any InfrastructureDriver] {
        for (index, host) in hosts.enumerated() {
            try Name.check(host, field: "hosts")
            guard !hosts[..<index].contains(host) else { throw Problem(.invalidName, "The host '\(host)' is there twice.", field: "hosts") }
        }
        if hosts.count == 1 { return [hosts[0]: machine] }
        return Dictionary(
            hosts.enumerated().map { index, host in
                (host, LocalShare(machine: machine, host: host, count: hosts.count, ownsUnknown: index == 0))
            }, uniquingKeysWith: { first, _ in first })
    }

    public func capacity() async throws(Problem) -> ResourceVector {
        let whole = try await machine.capacity()
        return ResourceVector(whole.amounts.mapValues { $0 / Int64(count) })
    }

    public func create(_ node: NodeSpecification) async throws(Problem) {
        var node = node
        node.share = host
        try await machine.create(node)
    }

    public func list() async throws(Problem) -> [NodeStatus] {
        try await machine.list().filter { $0.share == host || $0.share == nil && ownsUnknown }
    }

    public func destroy(_ node: ID<Node>) async throws(Problem) { try await machine.destroy(node) }
    public func start(_ node: ID<Node>) async throws(Problem) { try await machine.start(node) }
    public func stop(_ node: ID<Node>, grace: Duration) async throws(Problem) { try await machine.stop(node, grace: grace) }
    public func execute(_ command: NodeCommand, on node: ID<Node>, fence: Fence) async throws(Problem) -> CommandOutcome {
        try await machine.execute(command, on: node, fence: fence)
    }
    public func enforce(_ fence: Fence, on node: ID<Node>) async throws(Problem) { try await machine.enforce(fence, on: node) }
    public func put(_ files: [NodeFile], on node: ID<Node>) async throws(Problem) { try await machine.put(files, on: node) }
    public func get(_ path: String, limit: Int, from node: ID<Node>) async throws(Problem) -> Data {
        try await machine.get(path, limit: limit, from: node)
    }
    public func declare(_ service: ServiceSpecification, on node: ID<Node>, fence: Fence) async throws(Problem) {
        try await machine.declare(service, on: node, fence: fence)
    }
    public func expose(port: Int, of node: ID<Node>) async throws(Problem) -> String { try await machine.expose(port: port, of: node) }
    public func removeUnused() async throws(Problem) { try await machine.removeUnused() }
}
