// SPDX-License-Identifier: Apache-2.0

import ImpresarioClient
import ImpresarioModel
import Testing

/// A tenant's member with a project.
struct Account {
    let scope: Scope
    let token: String
}

extension Installation {
    /// - Parameter token: the admin's when left out.
    func client<Value>(_ token: String? = nil, _ body: (Client) async throws -> Value) async throws -> Value {
        try await Client.with(.init(server: try ServerAddress(address), token: token ?? adminToken), body)
    }

    /// A tenant of this name with one project and one member.
    func account(_ tenant: String = "acme", limits: ResourceLimits? = nil) async throws -> Account {
        try await client { client in
            _ = try await client.createTenant(NewTenant(name: tenant, limits: limits))
            return try await account(ofTenant: tenant, project: "shop")
        }
    }

    func account(ofTenant tenant: String, project: String) async throws -> Account {
        try await client { client in
            _ = try await client.createProject(NewProject(name: project), inTenant: tenant)
            let issued = try await client.createToken(
                NewToken(name: "member-of-\(project)", role: .member, tenant: tenant, project: project))
            return Account(scope: Scope(tenant: tenant, project: project), token: issued.secret)
        }
    }

    /// Begins to create a swarm.
    func order(_ name: String = "web", managers: Int = 1, workers: Int = 0, by account: Account) async throws -> Accepted {
        try await client(account.token) { client in
            try await client.createCluster(
                NewCluster(
                    name: name, type: "swarm", parameters: ["managers": .integer(Int64(managers)), "workers": .integer(Int64(workers))]),
                in: account.scope)
        }
    }

    /// The operation's end. Whatever became of the broker meanwhile, it has one now.
    func end(of operation: ID<Operation>) async throws -> Operation {
        try await client { client in
            let ended = try await client.wait(for: operation)
            if ended.state != .succeeded { Issue.record("\(ended.kind) \(ended.state): \(String(describing: ended.problem))") }
            return ended
        }
    }

    @discardableResult
    func make(_ name: String = "web", managers: Int = 1, workers: Int = 0, by account: Account) async throws -> Cluster {
        let accepted = try await order(name, managers: managers, workers: workers, by: account)
        try #require(try await end(of: accepted.operation.id).state == .succeeded)
        return try await cluster(name, of: account)
    }

    func cluster(_ name: String = "web", of account: Account) async throws -> Cluster {
        try await client(account.token) { try await $0.cluster(name, in: account.scope) }
    }

    @discardableResult
    func delete(_ name: String = "web", of account: Account) async throws -> Operation {
        let accepted = try await client(account.token) { try await $0.deleteCluster(name, in: account.scope) }
        return try await end(of: accepted.operation.id)
    }

    /// Used by the tenant and by the project, which must be the same when the tenant has one project.
    func used(by account: Account) async throws -> ResourceVector {
        try await client { client in
            let project = try await client.quota(ofProject: account.scope).used
            #expect(try await client.quota(ofTenant: account.scope.tenant).used == project)
            return project
        }
    }

    /// Of all tenants.
    func deleteClusters() async throws {
        try await client { client in
            for tenant in try await client.tenants().all() {
                for project in try await client.projects(ofTenant: tenant.name).all() {
                    let scope = Scope(tenant: tenant.name, project: project.name)
                    for cluster in try await client.clusters(in: scope).all() {
                        let accepted = try await client.deleteCluster(cluster.name, in: scope)
                        _ = try await client.wait(for: accepted.operation.id)
                    }
                }
            }
        }
    }
}
