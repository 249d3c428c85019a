// SPDX-License-Identifier: Apache-2.0

/// `POST /v1/tenants`.
public struct NewTenant: RequestBody, Hashable {
    public static let members: Set = ["name", "limits", "zones"]
    public var name: String
    public var limits: ResourceLimits?
    public var zones: [String]?

    public init(name: String, limits: ResourceLimits? = nil, zones: [String]? = nil) {
        self.name = name
        self.limits = limits
        self.zones = zones
    }
}

/// `POST /v1/tenants/{t}/projects`.
public struct NewProject: RequestBody, Hashable {
    public static let members: Set = ["name", "limits"]
    public var name: String
    public var limits: ResourceLimits?

    public init(name: String, limits: ResourceLimits? = nil) {
        self.name = name
        self.limits = limits
    }
}

/// `PATCH /v1/tenants/{t}`. What is absent stays as it is.
public struct TenantUpdate: RequestBody, Hashable {
    public static let members: Set = ["zones", "allowsOvercommit"]
    /// The zones it may use from now on; `["*"]`: every zone.
    public var zones: [String]?
    public var allowsOvercommit: Bool?

    public init(zones: [String]? = nil, allowsOvercommit: Bool? = nil) {
        self.zones = zones
        self.allowsOvercommit = allowsOvercommit
    }
}

/// `PUT …/quota`. The limits that are named replace all that stood before.
public struct QuotaUpdate: RequestBody, Hashable {
    public static let members: Set = ["limits"]
    public var limits: ResourceLimits

    public init(limits: ResourceLimits) { self.limits = limits }
}

/// `POST /v1/tokens`.
public struct NewToken: RequestBody, Hashable {
    public static let members: Set = ["name", "role", "tenant", "project", "ttl"]
    public var name: String
    public var role: Role
    public var tenant: String?
    public var project: String?
    public var ttl: TimeToLive?

    public init(name: String, role: Role, tenant: String? = nil, project: String? = nil, ttl: TimeToLive? = nil) {
        self.name = name
        self.role = role
        self.tenant = tenant
        self.project = project
        self.ttl = ttl
    }
}
