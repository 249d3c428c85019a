// SPDX-License-Identifier: Apache-2.0

/// What every verb and typed operation is shown: document version 1. Members that this SDK does not know are ignored.
public struct Context: Codable, Hashable, Sendable {
    /// The work that this call is part of.
    public struct Operation: Codable, Hashable, Sendable {
        /// The same in every attempt.
        public var id: String
        /// `create`, `delete`, a typed operation's id …
        public var kind: String
        /// 1 at first; higher after an attempt that ended anywhere.
        public var attempt: Int

        /// An operation as a test needs it.
        public init(id: String, kind: String, attempt: Int) {
            self.id = id
            self.kind = kind
            self.attempt = attempt
        }
    }

    /// The cluster this call is for.
    public struct Cluster: Codable, Hashable, Sendable {
        /// Opaque.
        public var id: String
        /// As the tenant named it.
        public var name: String
        /// After `validate` what that answered, so with defaults.
        public var params: JSONValue
        /// The engine's version, as `plan` or `health` told it.
        public var version: String?
        /// The tenant's own.
        public var labels: [String: String]
        /// The project's IPv4 network, such as `10.208.3.0/24`; empty while it is not known.
        public var network: String

        /// A cluster as a test needs it.
        public init(
            id: String, name: String, params: JSONValue, version: String? = nil, labels: [String: String] = [:], network: String
        ) {
            self.id = id
            self.name = name
            self.params = params
            self.version = version
            self.labels = labels
            self.network = network
        }
    }

    /// Its operation.
    public var operation: Operation
    /// Its cluster.
    public var cluster: Cluster
    /// All nodes of the cluster, also those that have not joined or are lost; empty in `validate` and `plan`.
    public var nodes: [Node]
    /// Where tenants reach the endpoints that `plan` named, as far as known.
    public var endpoints: [Endpoint]
    /// The verb's own arguments.
    public var args: JSONValue

    /// A document as a test needs it.
    public init(
        operation: Operation, cluster: Cluster, nodes: [Node] = [], endpoints: [Endpoint] = [], args: JSONValue = .object([:])
    ) {
        self.operation = operation
        self.cluster = cluster
        self.nodes = nodes
        self.endpoints = endpoints
        self.args = args
    }

    /// The nodes that a list of ids in `args` names.
    ///
    /// - Throws: ``PluginProblem`` `IMP_INVALID` for an id that is not in ``nodes``.
    func nodes(named ids: [String]) throws(PluginProblem) -> [Node] {
        var found: [Node] = []
        for id in ids {
            guard let node = nodes.first(where: { $0.id == id }) else {
                throw PluginProblem(.invalid, code: "sdk.unknown-node", "The node '\(id)' is not in the document.", owner: .plugin)
            }
            found.append(node)
        }
        return found
    }
}
