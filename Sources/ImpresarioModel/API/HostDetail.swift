// SPDX-License-Identifier: Apache-2.0

/// `GET /v1/hosts/{host}`: a host with what it carries, and what keeps a drain from its end. All of it is derived when it is asked for.
public struct HostDetail: Codable, Hashable, Sendable {
    /// A node on it, and whose it is.
    public struct Carried: Codable, Hashable, Sendable {
        public var tenant: String
        public var project: String
        public var cluster: String
        public var name: String
        public var state: Node.State
        public var resources: ResourceVector

        public init(tenant: String, project: String, cluster: String, name: String, state: Node.State, resources: ResourceVector) {
            self.tenant = tenant
            self.project = project
            self.cluster = cluster
            self.name = name
            self.state = state
            self.resources = resources
        }
    }

    /// A cluster whose nodes cannot be replaced elsewhere now.
    public struct Blocked: Codable, Hashable, Sendable {
        public var tenant: String
        public var project: String
        public var cluster: String
        public var problem: Problem

        public init(tenant: String, project: String, cluster: String, problem: Problem) {
            self.tenant = tenant
            self.project = project
            self.cluster = cluster
            self.problem = problem
        }
    }

    public var host: Host
    /// What is promised on it.
    public var used: ResourceVector
    public var nodes: [Carried]
    /// Nodes that were given up and take their room until the host destroys them.
    public var tombstones: [Tombstone]
    /// Of a host that is draining.
    public var blocked: [Blocked]

    public init(host: Host, used: ResourceVector, nodes: [Carried], tombstones: [Tombstone], blocked: [Blocked]) {
        self.host = host
        self.used = used
        self.nodes = nodes
        self.tombstones = tombstones
        self.blocked = blocked
    }
}
