// SPDX-License-Identifier: Apache-2.0

public import ImpresarioModel
public import ImpresarioStore

extension Broker {
    public func projects(of tenant: String, for caller: Caller, page: PageRequest) throws(Problem) -> EncodedPage {
        let snapshot = ledger.snapshot
        _ = try snapshot.tenant(tenant, for: caller)
        let visible = snapshot.projects.filter {
            $0.entry.value.tenantName == tenant && caller.sees(tenant: tenant, project: $0.entry.value.name)
        }
        return try EncodedPage.of(visible, page)
    }

    public func project(_ name: String, of tenant: String, for caller: Caller) throws(Problem) -> Entry<Project> {
        try ledger.snapshot.project(name, of: tenant, for: caller)
    }

    /// - Throws: `invalid-name`, `already-exists`, `limits-overcommitted` when the limits do not fit the tenant's, `no-addresses`.
    public func createProject(
        _ name: String, of tenantName: String, limits: ResourceLimits, for caller: Caller, key: IdempotencyKey? = nil
    ) async throws(Problem) -> Project {
        try caller.requireTenantAdmin("create projects")
        try Name.check(name, field: "/name")
        try Self.check(limits)
        return try await once(key, for: caller) { remember throws(Problem) in
            try await self.ledger.transact { snapshot, draft throws(Problem) in
                let tenant = try snapshot.tenant(tenantName, for: caller)
                guard snapshot.projects[Keys.project(tenantName, name)] == nil else { throw .exists("project", name) }
                try Self.checkProjectLimits(limits, of: name, in: tenant.value, snapshot: snapshot)
                let taken = Set(snapshot.projects.values.map(\.network))
                guard
                    let network = IPv4Network(self.parts.options.projectNetworks)?.subnets(prefix: 24).first(where: {
                        !taken.contains($0.description)
                    })
                else {
                    throw Problem(
                        .noAddresses, "Every network of \(self.parts.options.projectNetworks) is taken by a project.",
                        remedy: "Delete projects that are no longer used.")
                }
                let project = Project(
                    id: self.ids.draw(prefix: "p"), name: name, tenant: tenant.value.id, tenantName: tenantName, limits: limits,
                    network: network.description, createdAt: self.clock())
                // Networks and limits are decided among all projects.
                draft.orderAdmission(after: snapshot)
                draft.require(.unchanged(Keys.tenant(tenantName), since: tenant.revision))
                try draft.insert(project, at: Keys.project(tenantName, name))
                try draft.record(
                    self.event(
                        "project.created", by: caller.name, "Project '\(name)' was created.", tenant: tenant.value.id,
                        project: project.id))
                try remember(project, &draft)
                return project
            }
        }
    }

    /// - Throws: `in-use` while it has clusters.
    public func deleteProject(
        _ name: String, of tenantName: String, expecting expected: Revision?, for caller: Caller
    ) async throws(Problem) {
        try caller.requireTenantAdmin("delete projects")
        try await ledger.transact { snapshot, draft throws(Problem) in
            let entry = try snapshot.project(name, of: tenantName, for: caller)
            try entry.require(expected)
            guard !snapshot.clusters.values.contains(where: { $0.project == entry.value.id }) else {
                throw Problem(.inUse, "Project '\(name)' still has clusters.", remedy: "Delete its clusters first.")
            }
            draft.orderAdmission(after: snapshot)
            draft.remove(entry, at: Keys.project(tenantName, name))
            for (key, token) in snapshot.tokens where token.value.tenant == tenantName && token.value.project == name {
                draft.remove(token, at: key)
            }
            try draft.record(
                self.event(
                    "project.deleted", by: caller.name, "Project '\(name)' was deleted.", tenant: entry.value.tenant,
                    project: entry.value.id))
        }
    }

    public func quota(ofProject name: String, of tenant: String, for caller: Caller) throws(Problem) -> Quota {
        let snapshot = ledger.snapshot
        let project = try snapshot.project(name, of: tenant, for: caller).value
        return Quota(limits: project.limits, used: try snapshot.use(ofProject: project.id))
    }

    public func setQuota(
        ofProject name: String, of tenantName: String, to limits: ResourceLimits, expecting expected: Revision?, for caller: Caller
    ) async throws(Problem) -> Quota {
        try caller.requireTenantAdmin("set a project's limits")
        try Self.check(limits)
        return try await ledger.transact { snapshot, draft throws(Problem) in
            let tenant = try snapshot.tenant(tenantName, for: caller)
            let entry = try snapshot.project(name, of: tenantName, for: caller)
            try entry.require(expected)
            try Self.checkProjectLimits(limits, of: name, in: tenant.value, snapshot: snapshot)
            var project = entry.value
            project.limits = limits
            let quota = Quota(limits: limits, used: try snapshot.use(ofProject: project.id))
            draft.orderAdmission(after: snapshot)
            try draft.replace(entry, with: project, at: Keys.project(tenantName, name))
            try draft.record(
                self.event(
                    "quota.changed", by: caller.name, "The limits of project '\(name)' are now: \(limits).\(quota.warning)",
                    tenant: project.tenant, project: project.id))
            return quota
        }
    }

    /// The limits of a tenant's projects may not add up to more than its own, by key that the tenant lists, unless an admin
    /// lets it overcommit: then the tenant's own limits alone decide who comes first.
    private static func checkProjectLimits(
        _ limits: ResourceLimits, of name: String, in tenant: Tenant, snapshot: Snapshot
    ) throws(Problem) {
        if tenant.allowsOvercommit == true { return }
        var sum = ResourceVector(limits.amounts)
        for project in snapshot.projects.values where project.tenant == tenant.id && project.name != name {
            sum = try sum.adding(ResourceVector(project.limits.amounts))
        }
        for key in limits.keys {
            guard let limit = tenant.limits[key], sum[key] > limit else { continue }
            throw Problem(
                .overcommitted,
                "The projects of tenant '\(tenant.name)' would be promised \(Quantity.format(sum[key], of: key)) of \(key); the tenant's limit is \(Quantity.format(limit, of: key)).",
                field: "/limits/\(key)", remedy: "Lower the limit or that of another project, or ask an admin to let the tenant overcommit."
            )
        }
    }
}
