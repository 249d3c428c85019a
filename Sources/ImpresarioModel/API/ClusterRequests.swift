// SPDX-License-Identifier: Apache-2.0

/// `POST …/clusters`.
public struct NewCluster: RequestBody, Hashable {
    public static let members: Set = ["name", "type", "parameters", "labels", "onFailure", "lease", "leaseEnding", "queue"]
    public var name: String
    public var type: String
    /// An object by the type's create schema; absent is the empty object.
    public var parameters: JSONValue?
    public var labels: [String: String]?
    /// What becomes of it when its creation fails; absent: it is kept.
    public var onFailure: Operation.Aftermath?
    /// How long it may live; absent: the project's default.
    public var lease: TimeToLive?
    public var leaseEnding: Lease.Ending?
    /// Whether it waits in line when there is no room now; absent: it is refused.
    public var queue: Bool?

    public init(
        name: String, type: String, parameters: JSONValue? = nil, labels: [String: String]? = nil,
        onFailure: Operation.Aftermath? = nil, lease: TimeToLive? = nil, leaseEnding: Lease.Ending? = nil, queue: Bool? = nil
    ) {
        self.name = name
        self.type = type
        self.parameters = parameters
        self.labels = labels
        self.onFailure = onFailure
        self.lease = lease
        self.leaseEnding = leaseEnding
        self.queue = queue
    }
}

/// `POST …/clusters/{c}/repair`.
public struct RepairRequest: RequestBody, Hashable {
    public static let members: Set = ["node"]
    /// Name or id of a node that is replaced although nobody knows it to be lost; absent: only those that are.
    public var node: String?

    public init(node: String? = nil) { self.node = node }
}

/// `POST …/clusters/{c}/credentials`.
public struct CredentialsRequest: RequestBody, Hashable {
    public static let members: Set = ["role", "ttl"]
    /// One of the type's binding roles; absent is the type's default.
    public var role: String?
    public var ttl: TimeToLive?

    public init(role: String? = nil, ttl: TimeToLive? = nil) {
        self.role = role
        self.ttl = ttl
    }
}
