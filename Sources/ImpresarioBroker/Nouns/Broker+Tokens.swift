// SPDX-License-Identifier: Apache-2.0

public import ImpresarioModel
import ImpresarioStore

extension Broker {
    /// Without hashes.
    public func tokens(for caller: Caller, page: PageRequest) throws(Problem) -> EncodedPage {
        try caller.requireTenantAdmin("see tokens")
        let visible = ledger.snapshot.tokens.filter { caller.isAdmin || $0.entry.value.tenant == caller.tenant }
        var entries: [(key: String, entry: Entry<TokenView>)] = []
        for (key, entry) in visible {
            do {
                let view = TokenView(entry.value)
                entries.append((key, Entry(value: view, bytes: try CanonicalJSON.encode(view), revision: entry.revision)))
            } catch { throw Problem(wrapping: error) }
        }
        return try EncodedPage.of(entries, page)
    }

    /// - Throws: `denied` for a role above the caller's own or a tenant that is not theirs, `not-found`, `already-exists`.
    public func createToken(_ request: NewToken, for caller: Caller) async throws(Problem) -> IssuedToken {
        try caller.requireTenantAdmin("create tokens")
        try Name.check(request.name, field: "/name")
        if request.role == .admin {
            try caller.requireAdmin("create admins' tokens")
            guard request.tenant == nil, request.project == nil else {
                throw Problem(.invalidParameters, "An admin is of no tenant.", field: "/tenant", remedy: "Leave tenant and project out.")
            }
        } else if request.tenant == nil {
            throw Problem(.invalidParameters, "A token with the role '\(request.role.rawValue)' is of a tenant.", field: "/tenant")
        }
        let secret = BearerSecret.draw()
        return try await ledger.transact { snapshot, draft throws(Problem) in
            if let tenant = request.tenant {
                _ = try snapshot.tenant(tenant, for: caller)
                draft.require(.exists(Keys.tenant(tenant)))
                if let project = request.project {
                    _ = try snapshot.project(project, of: tenant, for: caller)
                    draft.require(.exists(Keys.project(tenant, project)))
                }
            }
            if let own = caller.project, request.project != own {
                throw Problem(.denied, "This token may only make tokens of project '\(own)'.", field: "/project")
            }
            let key = Keys.token(request.tenant, request.name)
            guard snapshot.tokens[key] == nil else { throw .exists("token", request.name) }
            let now = self.clock()
            let token = Token(
                id: self.ids.draw(prefix: "k"), name: request.name, role: request.role, tenant: request.tenant, project: request.project,
                hash: BearerSecret.hash(secret), createdAt: now, expiresAt: request.ttl.map { now + .seconds($0.seconds) })
            try draft.insert(token, at: key)
            try draft.record(
                self.event(
                    "token.created", by: caller.name, "Token '\(token.name)' with the role '\(token.role.rawValue)' was created.",
                    tenant: request.tenant.flatMap { snapshot.tenants[Keys.tenant($0)]?.value.id }))
            return IssuedToken(token: TokenView(token), secret: secret)
        }
    }

    /// - Parameter tenant: nil is the installation's own tokens, for admins.
    public func deleteToken(_ name: String, of tenant: String?, for caller: Caller) async throws(Problem) {
        try caller.requireTenantAdmin("delete tokens")
        let owner = caller.isAdmin ? tenant : caller.tenant
        try await ledger.transact { snapshot, draft throws(Problem) in
            guard tenant == nil || tenant == owner, let entry = snapshot.tokens[Keys.token(owner, name)],
                caller.project == nil || entry.value.project == caller.project
            else { throw .notFound("token", name) }
            draft.remove(entry, at: Keys.token(owner, name))
            try draft.record(
                self.event(
                    "token.deleted", by: caller.name, "Token '\(name)' was deleted.",
                    tenant: owner.flatMap { snapshot.tenants[Keys.tenant($0)]?.value.id }))
        }
    }
}
