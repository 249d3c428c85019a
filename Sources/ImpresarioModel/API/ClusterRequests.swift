// SPDX-License-Identifier: Apache-2.0

/// `POST …/clusters`.
public struct NewCluster: RequestBody, Hashable {
    public static let members: Set = ["name", "type", "parameters", "labels"]
    public var name: String
    public var type: String
    /// An object by the type's create schema; absent is the empty object.
    public var parameters: JSONValue?
    public var labels: [String: String]?

    public init(name: String, type: String, parameters: JSONValue? = nil, labels: [String: String]? = nil) {
        self.name = name
        self.type = type
        self.parameters = parameters
        self.labels = labels
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
