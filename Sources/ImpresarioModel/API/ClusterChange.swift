// SPDX-License-Identifier: Apache-2.0

/// `PATCH …/clusters/{c}`: what is named changes, the rest stays.
public struct ClusterChange: RequestBody, Hashable {
    public static let members: Set = ["parameters", "labels"]
    /// Laid over the cluster's parameters as a JSON merge patch (RFC 7396): objects member by member, `null` back to the default. An empty object
    /// asks for nothing new and makes the cluster what its plugin plans for it now. Absent: only labels change.
    public var parameters: JSONValue?
    /// `null` takes a label away.
    public var labels: [String: String?]?

    public init(parameters: JSONValue? = nil, labels: [String: String?]? = nil) {
        self.parameters = parameters
        self.labels = labels
    }
}

/// What a change answers: in JSON ``Accepted`` where an operation began, the cluster alone where there was nothing to do but to record it.
public struct ClusterChanged: Codable, Hashable, Sendable {
    public var cluster: Cluster
    public var operation: Operation?

    public init(cluster: Cluster, operation: Operation? = nil) {
        self.cluster = cluster
        self.operation = operation
    }

    private enum CodingKeys: CodingKey { case cluster }

    public init(from decoder: any Decoder) throws {
        if try decoder.container(keyedBy: CodingKeys.self).contains(.cluster) {
            let accepted = try Accepted(from: decoder)
            self.init(cluster: accepted.cluster, operation: accepted.operation)
        } else {
            self.init(cluster: try Cluster(from: decoder))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        if let operation {
            try Accepted(operation: operation, cluster: cluster).encode(to: encoder)
        } else {
            try cluster.encode(to: encoder)
        }
    }
}
