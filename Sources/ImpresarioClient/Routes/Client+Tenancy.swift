// SPDX-License-Identifier: Apache-2.0

public import ImpresarioModel

extension Client {
    public func tenants() -> Pages<Tenant> { Pages(transport, APIRequest(.get, "v1", "tenants")) }

    public func tenant(_ name: String) async throws(Problem) -> Tenant { try await get(APIRequest(.get, "v1", "tenants", name)) }

    public func createTenant(_ tenant: NewTenant) async throws(Problem) -> Tenant {
        try await postOnce(try APIRequest(.post, "v1", "tenants").with(body: tenant))
    }

    public func updateTenant(_ name: String, _ update: TenantUpdate) async throws(Problem) -> Tenant {
        try await get(try APIRequest(.patch, "v1", "tenants", name).with(body: update))
    }

    public func deleteTenant(_ name: String) async throws(Problem) { try await done(APIRequest(.delete, "v1", "tenants", name)) }

    public func quota(ofTenant name: String) async throws(Problem) -> Quota {
        try await get(APIRequest(.get, "v1", "tenants", name, "quota"))
    }

    /// Replaces all limits of the tenant.
    public func setQuota(_ limits: ResourceLimits, ofTenant name: String) async throws(Problem) -> Quota {
        try await get(try APIRequest(.put, "v1", "tenants", name, "quota").with(body: QuotaUpdate(limits: limits)))
    }

    public func projects(ofTenant name: String) -> Pages<Project> {
        Pages(transport, APIRequest(.get, "v1", "tenants", name, "projects"))
    }

    public func project(_ scope: Scope) async throws(Problem) -> Project {
        try await get(APIRequest(.get, "v1", "tenants", scope.tenant, "projects", scope.project))
    }

    public func createProject(_ project: NewProject, inTenant name: String) async throws(Problem) -> Project {
        try await postOnce(try APIRequest(.post, "v1", "tenants", name, "projects").with(body: project))
    }

    /// What leases the project allows; replaces all that was said before.
    public func setLeases(_ policy: LeasePolicyUpdate, ofProject scope: Scope) async throws(Problem) -> Project {
        try await get(try APIRequest(.put, "v1", "tenants", scope.tenant, "projects", scope.project, "leases").with(body: policy))
    }

    public func deleteProject(_ scope: Scope) async throws(Problem) {
        try await done(APIRequest(.delete, "v1", "tenants", scope.tenant, "projects", scope.project))
    }

    public func quota(ofProject scope: Scope) async throws(Problem) -> Quota {
        try await get(APIRequest(.get, "v1", "tenants", scope.tenant, "projects", scope.project, "quota"))
    }

    /// Replaces all limits of the project.
    public func setQuota(_ limits: ResourceLimits, ofProject scope: Scope) async throws(Problem) -> Quota {
        try await get(
            try APIRequest(.put, "v1", "tenants", scope.tenant, "projects", scope.project, "quota").with(body: QuotaUpdate(limits: limits)))
    }
}
