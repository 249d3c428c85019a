// SPDX-License-Identifier: Apache-2.0

/// A node that was given up on a host that does not answer. Its tenant is not charged any more; its host's room stays taken until the host
/// answers and the node is destroyed there.
public struct Tombstone: Codable, Hashable, Sendable {
    public var node: ID<Node>
    public var cluster: ID<Cluster>
    public var tenant: ID<Tenant>
    public var project: ID<Project>
    public var host: String
    public var zone: String
    public var resources: ResourceVector
    /// Nobody else in the project gets it: the node may still run and answer to it.
    public var address: String
    public var createdAt: Timestamp

    public init(
        node: ID<Node>, cluster: ID<Cluster>, tenant: ID<Tenant>, project: ID<Project>, host: String, zone: String,
        resources: ResourceVector, address: String, createdAt: Timestamp
    ) {
        self.node = node
        self.cluster = cluster
        self.tenant = tenant
        self.project = project
        self.host = host
        self.zone = zone
        self.resources = resources
        self.address = address
        self.createdAt = createdAt
    }
}
