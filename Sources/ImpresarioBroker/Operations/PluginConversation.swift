// SPDX-License-Identifier: Apache-2.0

package import ImpresarioInfrastructure
package import ImpresarioModel
import ImpresarioPlugins

/// Calls of a cluster's plugin, with the document each verb gets and the services it may use.
struct PluginConversation: Sendable {
    let parts: Broker.Parts
    let ledger: Ledger
    let fence: Fence
    /// The kind of the operation, in the document's words.
    let kind: String
    var onProgress: @Sendable (Int, String) -> Void = { _, _ in }
    var onEvent: @Sendable (String, JSONValue) -> Void = { _, _ in }

    /// - Parameter timeout: the guest is killed when it is over.
    func call(
        _ target: PluginCall.Target, of cluster: Cluster, args: JSONValue = [:], timeout: Duration
    ) async throws(Problem) -> JSONValue {
        let context = try await context(of: cluster, args: args)
        let services = ClusterServices(
            cluster: cluster, fence: fence, parts: parts, vault: parts.vault(of: cluster.id), onProgress: onProgress, onEvent: onEvent)
        return try await parts.plugins.call(
            PluginCall(
                plugin: cluster.plugin, type: cluster.type, target: target, context: context, tenant: cluster.tenant, timeout: timeout),
            services: services)
    }

    func call<Answer: Decodable>(
        _ verb: PluginVerb, of cluster: Cluster, args: JSONValue = [:], timeout: Duration, as type: Answer.Type = Answer.self
    ) async throws(Problem) -> Answer {
        try await call(.verb(verb), of: cluster, args: args, timeout: timeout).answer(of: cluster.plugin, to: verb)
    }

    private func context(of cluster: Cluster, args: JSONValue) async throws(Problem) -> PluginContext {
        try await parts.context(
            of: cluster, network: ledger.snapshot.project(of: cluster)?.value.network ?? "", fence: fence, kind: kind, args: args)
    }
}

extension Broker.Parts {
    /// The document that a verb or typed operation gets.
    package func context(
        of cluster: Cluster, network: String, fence: Fence, kind: String, args: JSONValue
    ) async throws(Problem) -> PluginContext {
        let roles = Dictionary(cluster.groups.map { ($0.name, $0.role) }, uniquingKeysWith: { first, _ in first })
        return PluginContext(
            operation: .init(id: fence.operation, kind: kind, attempt: fence.attempt),
            cluster: .init(
                id: cluster.id.rawValue, name: cluster.name, params: cluster.parameters, version: cluster.version, labels: cluster.labels,
                network: network),
            nodes: cluster.nodes.map { node in
                .init(
                    id: node.id.rawValue, name: node.name, group: node.group, role: roles[node.group] ?? node.group, ordinal: node.ordinal,
                    zone: node.zone, host: node.host, address: node.address, state: node.state.rawValue,
                    flavor: .init(
                        cpu: node.resources[ResourceVector.cpu], memory: node.resources[ResourceVector.memory],
                        disk: node.resources[ResourceVector.disk]))
            },
            endpoints: try await exposed(cluster, leavingOutBroken: true).map {
                .init(name: $0.name, addresses: $0.addresses, port: $0.port)
            },
            args: args)
    }

    func vault(of cluster: ID<Cluster>) -> ClusterVault {
        ClusterVault(cluster: cluster, store: store, box: secrets, clock: clock)
    }

    /// The cluster's endpoints with the addresses that tenants reach them at. Idempotent: the driver gives the same ones again.
    ///
    /// Nodes that are gone have no address; the others still do.
    ///
    /// - Parameter leavingOutBroken: a node whose driver does not say is one without an address, and not the end of it.
    package func exposed(_ cluster: Cluster, leavingOutBroken: Bool = false) async throws(Problem) -> [Endpoint] {
        var endpoints = cluster.endpoints
        for index in endpoints.indices where endpoints[index].expose == .tenant {
            let nodes = cluster.nodes.filter { $0.group == endpoints[index].group && $0.state != .planned && $0.state != .lost }
            let port = endpoints[index].port
            endpoints[index].addresses = try await concurrently(nodes, limit: parallelism) { (node) async throws(Problem) -> String? in
                do throws(Problem) { return try await driver(of: node).expose(port: port, of: node.id) } catch {
                    if !leavingOutBroken || Task.isCancelled { throw error }
                    return nil
                }
            }.compactMap(\.self)
        }
        for index in endpoints.indices where endpoints[index].expose == .cluster {
            endpoints[index].addresses = cluster.nodes.filter { $0.group == endpoints[index].group && $0.state != .lost }.map {
                "\($0.address):\(endpoints[index].port)"
            }
        }
        return endpoints
    }

    var parallelism: Int { max(1, options.parallelNodes) }
}
