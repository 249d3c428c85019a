// SPDX-License-Identifier: Apache-2.0

/// `POST /v1/flavors`.
public struct NewFlavor: RequestBody, Hashable {
    public static let members: Set = ["name", "resources", "hourlyPrice"]
    public var name: String
    public var resources: ResourceVector
    /// Of one node; absent: it costs nothing.
    public var hourlyPrice: Price?

    public init(name: String, resources: ResourceVector, hourlyPrice: Price? = nil) {
        self.name = name
        self.resources = resources
        self.hourlyPrice = hourlyPrice
    }
}

/// `PUT /v1/hosts/{name}`. What is absent stays as it is; a map that is given replaces the one before.
public struct HostUpdate: RequestBody, Hashable {
    public static let members: Set = ["state", "overcommit", "labels"]
    public var state: Host.State?
    /// Hundredths, see ``Host/overcommit``.
    public var overcommit: [String: Int]?
    public var labels: [String: String]?

    public init(state: Host.State? = nil, overcommit: [String: Int]? = nil, labels: [String: String]? = nil) {
        self.state = state
        self.overcommit = overcommit
        self.labels = labels
    }
}
