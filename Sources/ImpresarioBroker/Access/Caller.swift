// SPDX-License-Identifier: Apache-2.0

public import ImpresarioModel

/// Who asks, as told by their token.
public struct Caller: Sendable, Hashable {
    public let token: ID<Token>
    public let name: String
    public let role: Role
    /// Names; nil for admins, who are of no tenant.
    public let tenant: String?
    public let project: String?

    public init(token: ID<Token>, name: String, role: Role, tenant: String?, project: String?) {
        self.token = token
        self.name = name
        self.role = role
        self.tenant = tenant
        self.project = project
    }
}

extension Caller {
    /// The broker itself, going on with what somebody asked for.
    static let broker = Caller(token: ID("broker"), name: "broker", role: .admin, tenant: nil, project: nil)
}

/// Authorisation as rules on a caller. What may not be seen is `not-found`, in the same words as what does not exist; what may be seen but not
/// done is `denied`.
extension Caller {
    var isAdmin: Bool { role == .admin }

    func sees(tenant: String, project: String? = nil) -> Bool {
        if isAdmin { return true }
        guard self.tenant == tenant else { return false }
        return self.project == nil || project == nil || self.project == project
    }

    func requireAdmin(_ what: String) throws(Problem) {
        guard isAdmin else { throw denied(what, needs: "an admin's") }
    }

    func requireTenantAdmin(_ what: String) throws(Problem) {
        guard isAdmin || role == .tenantAdmin else { throw denied(what, needs: "a tenant-admin's") }
    }

    func requireMember(_ what: String) throws(Problem) {
        guard role != .viewer else { throw denied(what, needs: "a member's") }
    }

    private func denied(_ what: String, needs: String) -> Problem {
        Problem(.denied, "A token with the role '\(role.rawValue)' may not \(what).", remedy: "Use \(needs) token.")
    }
}

extension Problem {
    static func notFound(_ noun: String, _ name: String) -> Problem {
        Problem(.notFound, "There is no \(noun) '\(name.prefix(80))'.")
    }
}

extension Snapshot {
    func tenant(_ name: String, for caller: Caller) throws(Problem) -> Entry<Tenant> {
        guard caller.sees(tenant: name), let entry = tenants[Keys.tenant(name)] else { throw .notFound("tenant", name) }
        return entry
    }

    func project(_ name: String, of tenant: String, for caller: Caller) throws(Problem) -> Entry<Project> {
        _ = try self.tenant(tenant, for: caller)
        guard caller.sees(tenant: tenant, project: name), let entry = projects[Keys.project(tenant, name)] else {
            throw .notFound("project", name)
        }
        return entry
    }

    func cluster(_ path: ClusterPath, for caller: Caller) throws(Problem) -> Entry<Cluster> {
        _ = try project(path.project, of: path.tenant, for: caller)
        guard let entry = clusters[Keys.cluster(path.tenant, path.project, path.cluster)] else { throw .notFound("cluster", path.cluster) }
        return entry
    }

    func operation(_ id: ID<Operation>, for caller: Caller) throws(Problem) -> Entry<Operation> {
        guard let entry = operation(id), sees(caller, tenant: entry.value.tenant, project: entry.value.project) else {
            throw .notFound("operation", id.rawValue)
        }
        return entry
    }

    /// By id, for records that outlive their cluster.
    func sees(_ caller: Caller, tenant: ID<Tenant>?, project: ID<Project>?) -> Bool {
        if caller.isAdmin { return true }
        guard let tenant, let name = caller.tenant, tenants[Keys.tenant(name)]?.value.id == tenant else { return false }
        guard let own = caller.project else { return true }
        return projects[Keys.project(name, own)]?.value.id == project
    }
}

/// A cluster by names.
public struct ClusterPath: Sendable, Hashable {
    public var tenant: String
    public var project: String
    public var cluster: String

    public init(tenant: String, project: String, cluster: String) {
        self.tenant = tenant
        self.project = project
        self.cluster = cluster
    }
}
