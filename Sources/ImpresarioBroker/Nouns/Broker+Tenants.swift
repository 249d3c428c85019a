// SPDX-License-Identifier: Apache-2.0

public import ImpresarioModel
public import ImpresarioStore

extension Broker {
    public func tenants(for caller: Caller, page: PageRequest) throws(Problem) -> EncodedPage {
        let visible = ledger.snapshot.tenants.filter { caller.sees(tenant: $0.entry.value.name) }
        return try EncodedPage.of(visible, page)
    }

    public func tenant(_ name: String, for caller: Caller) throws(Problem) -> Entry<Tenant> {
        try ledger.snapshot.tenant(name, for: caller)
    }

    /// - Throws: `invalid-name`, `already-exists`, `not-found` for a zone, `denied`.
    public func createTenant(
        _ name: String, limits: ResourceLimits, zones: [String]?, for caller: Caller, key: IdempotencyKey? = nil
    ) async throws(Problem) -> Tenant {
        try caller.requireAdmin("create tenants")
        try Name.check(name, field: "/name")
        try Self.check(limits)
        return try await once(key, for: caller) { remember throws(Problem) in
            try await self.ledger.transact { snapshot, draft throws(Problem) in
                guard snapshot.tenants[Keys.tenant(name)] == nil else { throw .exists("tenant", name) }
                try Self.check(zones: zones ?? [], in: snapshot)
                let tenant = Tenant(
                    id: self.ids.draw(prefix: "t"), name: name, limits: limits, zones: zones, createdAt: self.clock())
                try draft.insert(tenant, at: Keys.tenant(name))
                try draft.record(
                    self.event("tenant.created", by: caller.name, "Tenant '\(name)' was created.", tenant: tenant.id))
                try remember(tenant, &draft)
                return tenant
            }
        }
    }

    /// Clusters that stand in zones it may not use any more stay there; nothing new comes.
    public func changeTenant(
        _ name: String, _ change: TenantUpdate, expecting expected: Revision?, for caller: Caller
    ) async throws(Problem) -> Tenant {
        try caller.requireAdmin("change tenants")
        return try await ledger.transact { snapshot, draft throws(Problem) in
            let entry = try snapshot.tenant(name, for: caller)
            try entry.require(expected)
            var tenant = entry.value
            if let zones = change.zones {
                tenant.zones = zones == ["*"] ? nil : zones
                try Self.check(zones: tenant.zones ?? [], in: snapshot)
            }
            tenant.allowsOvercommit = change.allowsOvercommit ?? tenant.allowsOvercommit
            guard tenant != entry.value else { return tenant }
            draft.orderAdmission(after: snapshot)
            try draft.replace(entry, with: tenant, at: Keys.tenant(name))
            let zones = tenant.zones?.joined(separator: ", ") ?? "all"
            try draft.record(
                self.event(
                    "tenant.changed", by: caller.name,
                    "Tenant '\(name)' was changed: zones \(zones), overcommit \(tenant.allowsOvercommit == true ? "allowed" : "not allowed").",
                    tenant: tenant.id))
            return tenant
        }
    }

    private static func check(zones: [String], in snapshot: Snapshot) throws(Problem) {
        for (index, zone) in zones.enumerated() where snapshot.zones[Keys.zone(zone)] == nil {
            throw Problem(.notFound, "There is no zone '\(zone.prefix(80))'.", field: "/zones/\(index)")
        }
    }

    /// - Throws: `in-use` while it has projects, `precondition-failed` when `expected` is not its revision.
    public func deleteTenant(_ name: String, expecting expected: Revision?, for caller: Caller) async throws(Problem) {
        try caller.requireAdmin("delete tenants")
        try await ledger.transact { snapshot, draft throws(Problem) in
            let entry = try snapshot.tenant(name, for: caller)
            try entry.require(expected)
            guard !snapshot.projects.values.contains(where: { $0.tenant == entry.value.id }) else {
                throw Problem(.inUse, "Tenant '\(name)' still has projects.", remedy: "Delete its projects first.")
            }
            draft.orderAdmission(after: snapshot)
            draft.remove(entry, at: Keys.tenant(name))
            // A token of a tenant that is gone must not work for one of the same name that comes later.
            for (key, token) in snapshot.tokens where token.value.tenant == name { draft.remove(token, at: key) }
            try draft.record(
                self.event("tenant.deleted", by: caller.name, "Tenant '\(name)' was deleted.", tenant: entry.value.id))
        }
    }

    public func quota(ofTenant name: String, for caller: Caller) throws(Problem) -> Quota {
        let snapshot = ledger.snapshot
        let tenant = try snapshot.tenant(name, for: caller).value
        return Quota(limits: tenant.limits, used: try snapshot.use(ofTenant: tenant.id))
    }

    /// Limits below use are allowed: nothing new is admitted until use is below them.
    public func setQuota(
        ofTenant name: String, to limits: ResourceLimits, expecting expected: Revision?, for caller: Caller
    ) async throws(Problem) -> Quota {
        try caller.requireAdmin("set a tenant's limits")
        try Self.check(limits)
        return try await ledger.transact { snapshot, draft throws(Problem) in
            let entry = try snapshot.tenant(name, for: caller)
            try entry.require(expected)
            var tenant = entry.value
            tenant.limits = limits
            let quota = Quota(limits: limits, used: try snapshot.use(ofTenant: tenant.id))
            draft.orderAdmission(after: snapshot)
            try draft.replace(entry, with: tenant, at: Keys.tenant(name))
            try draft.record(
                self.event(
                    "quota.changed", by: caller.name, "The limits of tenant '\(name)' are now: \(limits).\(quota.warning)",
                    tenant: tenant.id))
            return quota
        }
    }

    static func check(_ limits: ResourceLimits) throws(Problem) {
        for key in limits.keys {
            let isKey = key.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { Name.isValid(String($0)) }
            guard isKey else {
                throw Problem(
                    .invalidName, "'\(key.prefix(80))' is not the name of a resource.", field: "/limits/\(key)",
                    remedy: "Use cpu, memory, disk, node, cluster, cluster.<type> or a name of your own such as license.foo.")
            }
        }
    }
}

extension Problem {
    static func exists(_ noun: String, _ name: String) -> Problem {
        Problem(.exists, "There is a \(noun) '\(name)' already.", field: "/name", remedy: "Choose another name.")
    }
}

extension Entry {
    /// `If-Match`.
    func require(_ expected: Revision?) throws(Problem) {
        guard let expected, expected != revision else { return }
        throw Problem(
            .preconditionFailed, "The record has changed since revision \(expected); it is at \(revision).", field: "If-Match",
            remedy: "Read it again and decide anew.")
    }
}
