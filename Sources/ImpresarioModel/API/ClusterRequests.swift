// SPDX-License-Identifier: Apache-2.0

/// `POST …/clusters`.
public struct NewCluster: RequestBody, Hashable {
    public static let members: Set = ["name", "type", "parameters", "labels", "onFailure", "lease", "leaseEnding"]
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

    public init(
        name: String, type: String, parameters: JSONValue? = nil, labels: [String: String]? = nil,
        onFailure: Operation.Aftermath? = nil, lease: TimeToLive? = nil, leaseEnding: Lease.Ending? = nil
    ) {
        self.name = name
        self.type = type
        self.parameters = parameters
        self.labels = labels
        self.onFailure = onFailure
        self.lease = lease
        self.leaseEnding = leaseEnding
    }
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
