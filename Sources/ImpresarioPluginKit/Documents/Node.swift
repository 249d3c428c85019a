// SPDX-License-Identifier: Apache-2.0

/// A machine of the cluster, real or still to be made; its place, size and address were decided at admission.
public struct Node: Codable, Hashable, Sendable, Identifiable {
    /// A node's size.
    public struct Flavor: Codable, Hashable, Sendable {
        /// Millicores.
        public var cpu: Int64
        /// Bytes.
        public var memory: Int64
        /// Bytes.
        public var disk: Int64

        /// A size as a test needs it.
        public init(cpu: Int64, memory: Int64, disk: Int64) {
            self.cpu = cpu
            self.memory = memory
            self.disk = disk
        }
    }

    /// What host calls name it by. Never reused.
    public var id: String
    /// Its host name; a replacement bears the same one.
    public var name: String
    /// Of the plan.
    public var group: String
    /// Of the plan's group.
    public var role: String
    /// 0, 1, … within the group; kept by a replacement.
    public var ordinal: Int
    /// Failure domain.
    public var zone: String
    /// The machine that carries it.
    public var host: String
    /// IPv4; does not change while the node exists.
    public var address: String
    /// `planned`, `running`, `joined`, `leaving`, `stopped` or `lost`.
    public var state: String
    /// Tools inside the node may show the host's size instead of this one.
    public var flavor: Flavor

    /// A node as a test needs it.
    public init(
        id: String, name: String, group: String, role: String, ordinal: Int, zone: String = "local", host: String = "local",
        address: String, state: String = "running", flavor: Flavor
    ) {
        self.id = id
        self.name = name
        self.group = group
        self.role = role
        self.ordinal = ordinal
        self.zone = zone
        self.host = host
        self.address = address
        self.state = state
        self.flavor = flavor
    }

    /// Whether host calls to it can be expected to work.
    public var isReachable: Bool { state != "lost" && state != "stopped" && state != "planned" }
}

/// Where a port of the cluster answers.
public struct Endpoint: Codable, Hashable, Sendable {
    /// As `plan` named it.
    public var name: String
    /// `host:port` where the tenant reaches it, one for each node of the group that is neither planned nor lost, in the order
    /// of ``Context/nodes``; empty while not known.
    public var addresses: [String]
    /// On the node.
    public var port: Int

    /// An endpoint as a test needs it.
    public init(name: String, addresses: [String], port: Int) {
        self.name = name
        self.addresses = addresses
        self.port = port
    }
}
