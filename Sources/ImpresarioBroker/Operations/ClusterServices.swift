// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
package import ImpresarioInfrastructure
package import ImpresarioModel
package import ImpresarioPlugins
import Logging

/// What a plugin may do during one call for one cluster. A node that is not this cluster's does not exist here.
struct ClusterServices: HostServices {
    let cluster: Cluster
    let fence: Fence
    let parts: Broker.Parts
    let vault: ClusterVault
    let onProgress: @Sendable (Int, String) -> Void
    let onEvent: @Sendable (String, JSONValue) -> Void

    private func node(_ id: String) throws(Problem) -> (id: ID<Node>, driver: any InfrastructureDriver) {
        guard let node = cluster.nodes.first(where: { $0.id.rawValue == id }) else {
            throw Problem(.notFound, "The cluster has no node '\(id.prefix(80))'.")
        }
        // Nobody waits for a machine that does not answer.
        guard node.state != .lost else { throw Problem(.nodeUnreachable, "Node '\(node.name)' is lost.") }
        return (node.id, try parts.driver(of: node))
    }

    func execute(_ commands: [(node: String, command: NodeCommand)]) async throws(Problem) -> [CommandOutcome] {
        var targets: [(id: ID<Node>, driver: any InfrastructureDriver)] = []
        for (name, _) in commands { targets.append(try node(name)) }
        return try await concurrently(Array(zip(targets, commands)), limit: 32) { (pair) async throws(Problem) in
            try await pair.0.driver.execute(pair.1.command, on: pair.0.id, fence: fence)
        }
    }

    func put(_ files: [(node: String, file: NodeFile)]) async throws(Problem) {
        var byNode: [String: [NodeFile]] = [:]
        for (name, file) in files { byNode[name, default: []].append(file) }
        var targets: [(id: ID<Node>, driver: any InfrastructureDriver)] = []
        let names = byNode.keys.sorted()
        for name in names { targets.append(try node(name)) }
        _ = try await concurrently(Array(zip(targets, names)), limit: 32) { [byNode] (pair) async throws(Problem) in
            try await pair.0.driver.put(byNode[pair.1] ?? [], on: pair.0.id)
        }
    }

    func get(node name: String, path: String, limit: Int) async throws(Problem) -> Data {
        let target = try node(name)
        return try await target.driver.get(path, limit: limit, from: target.id)
    }

    func declare(nodes names: [String], service: ServiceSpecification) async throws(Problem) {
        var targets: [(id: ID<Node>, driver: any InfrastructureDriver)] = []
        for name in names { targets.append(try node(name)) }
        _ = try await concurrently(targets, limit: 32) { (target) async throws(Problem) in
            try await target.driver.declare(service, on: target.id, fence: fence)
        }
    }

    func state(_ key: String) async throws(Problem) -> (value: Data, version: UInt64)? { try await vault.state(key) }
    func putState(_ key: String, _ value: Data, expecting: UInt64) async throws(Problem) -> UInt64 {
        try await vault.putState(key, value, expecting: expecting)
    }
    func secret(_ name: String) async throws(Problem) -> (value: Data, version: UInt64)? { try await vault.secret(name) }
    func putSecret(_ name: String, _ value: Data, expecting: UInt64) async throws(Problem) -> UInt64 {
        try await vault.putSecret(name, value, expecting: expecting)
    }
    func keyPair(_ name: String, profile: JSONValue) async throws(Problem) -> Data { try await vault.keyPair(name, profile: profile) }
    func issueCertificate(request: String, profile: JSONValue) async throws(Problem) -> Data {
        try await vault.issueCertificate(request: request, profile: profile)
    }
    func revocationList(authority: String, serials: [String]) async throws(Problem) -> Data {
        try await vault.revocationList(authority: authority, serials: serials)
    }

    func log(severity: Int, message: String, fields: JSONValue?) {
        let level: Logger.Level = [.trace, .debug, .info, .warning, .error][min(max(severity, 0), 4)]
        parts.logger.log(
            level: level, "\(message)",
            metadata: ["plugin": "\(cluster.plugin.id)", "cluster": "\(cluster.id)", "operation": "\(fence.operation)"])
    }
    func progress(_ per10000: Int, phase: String) { onProgress(per10000, phase) }
    func event(_ type: String, data: JSONValue) { onEvent(type, data) }
}

extension Broker.Parts {
    /// The host table of a call for this cluster: what the broker's own operations give a plugin.
    package func services(
        for cluster: Cluster, fence: Fence, onProgress: @escaping @Sendable (Int, String) -> Void = { _, _ in },
        onEvent: @escaping @Sendable (String, JSONValue) -> Void = { _, _ in }
    ) -> any HostServices {
        ClusterServices(
            cluster: cluster, fence: fence, parts: self, vault: vault(of: cluster.id), onProgress: onProgress, onEvent: onEvent)
    }

    func driver(of node: Node) throws(Problem) -> any InfrastructureDriver {
        guard let driver = drivers[node.host] else {
            throw Problem(.infrastructure, "The broker has no driver for host '\(node.host)'.", owner: .admin)
        }
        return driver
    }
}
