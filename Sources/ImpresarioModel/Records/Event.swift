// SPDX-License-Identifier: Apache-2.0

/// What happened, by whom, to what. The audit log is this stream.
public struct Event: Codable, Hashable, Sendable {
    public var id: ID<Event>
    public var at: Timestamp
    /// `cluster.ready`, `operation.failed`, `quota.changed`, `plugin.<own>` …
    public var type: String
    /// A token's name, or `broker`.
    public var actor: String
    public var message: String
    public var tenant: ID<Tenant>?
    public var project: ID<Project>?
    public var cluster: ID<Cluster>?
    public var operation: ID<Operation>?
    public var data: JSONValue?

    public init(
        id: ID<Event>, at: Timestamp, type: String, actor: String, message: String, tenant: ID<Tenant>? = nil,
        project: ID<Project>? = nil, cluster: ID<Cluster>? = nil, operation: ID<Operation>? = nil, data: JSONValue? = nil
    ) {
        self.id = id
        self.at = at
        self.type = type
        self.actor = actor
        self.message = message
        self.tenant = tenant
        self.project = project
        self.cluster = cluster
        self.operation = operation
        self.data = data
    }
}
