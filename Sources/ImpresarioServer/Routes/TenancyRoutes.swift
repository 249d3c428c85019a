// SPDX-License-Identifier: Apache-2.0

import Hummingbird
import ImpresarioBroker
import ImpresarioModel

enum TenancyRoutes {
    static let all = tenants + projects

    private static let tenants: [Route] = [
        Route(.get, "/v1/tenants", "List tenants", query: Query.paging) { call throws(Problem) in
            .page(try call.broker.tenants(for: call.caller, page: try call.query.page()))
        },
        Route(.post, "/v1/tenants", "Create a tenant", request: NewTenant.self) { call throws(Problem) in
            let new: NewTenant = try call.read()
            let tenant = try await call.broker.createTenant(
                new.name, limits: new.limits ?? [:], zones: new.zones, for: call.caller, key: try call.idempotencyKey())
            return try .created(tenant, at: "/v1/tenants/\(tenant.name)")
        },
        Route(.get, "/v1/tenants/{tenant}", "Show a tenant") { call throws(Problem) in
            .entry(try call.broker.tenant(call["tenant"], for: call.caller))
        },
        Route(
            .patch, "/v1/tenants/{tenant}", "Change a tenant's zones, or whether its projects may be promised more than it has",
            request: TenantUpdate.self
        ) {
            call throws(Problem) in
            try .value(
                try await call.broker.changeTenant(
                    call["tenant"], try call.read(), expecting: try call.headers.ifMatch(), for: call.caller))
        },
        Route(.delete, "/v1/tenants/{tenant}", "Delete a tenant without projects") { call throws(Problem) in
            try await call.broker.deleteTenant(call["tenant"], expecting: try call.headers.ifMatch(), for: call.caller)
            return .noContent
        },
        Route(.get, "/v1/tenants/{tenant}/quota", "Show a tenant's limits and use") { call throws(Problem) in
            try .value(try call.broker.quota(ofTenant: call["tenant"], for: call.caller))
        },
        Route(.put, "/v1/tenants/{tenant}/quota", "Replace a tenant's limits", request: QuotaUpdate.self) { call throws(Problem) in
            let update: QuotaUpdate = try call.read()
            return try .value(
                try await call.broker.setQuota(
                    ofTenant: call["tenant"], to: update.limits, expecting: try call.headers.ifMatch(), for: call.caller))
        },
    ]

    private static let projects: [Route] = [
        Route(.get, "/v1/tenants/{tenant}/projects", "List a tenant's projects", query: Query.paging) { call throws(Problem) in
            .page(try call.broker.projects(of: call["tenant"], for: call.caller, page: try call.query.page()))
        },
        Route(.post, "/v1/tenants/{tenant}/projects", "Create a project", request: NewProject.self) { call throws(Problem) in
            let new: NewProject = try call.read()
            let project = try await call.broker.createProject(
                new.name, of: call["tenant"], limits: new.limits ?? [:], for: call.caller, key: try call.idempotencyKey())
            return try .created(project, at: "/v1/tenants/\(project.tenantName)/projects/\(project.name)")
        },
        Route(.get, "/v1/tenants/{tenant}/projects/{project}", "Show a project") { call throws(Problem) in
            .entry(try call.broker.project(call["project"], of: call["tenant"], for: call.caller))
        },
        Route(.delete, "/v1/tenants/{tenant}/projects/{project}", "Delete a project without clusters") { call throws(Problem) in
            try await call.broker.deleteProject(
                call["project"], of: call["tenant"], expecting: try call.headers.ifMatch(), for: call.caller)
            return .noContent
        },
        Route(
            .put, "/v1/tenants/{tenant}/projects/{project}/leases", "Say what leases a project allows", request: LeasePolicyUpdate.self
        ) { call throws(Problem) in
            let update: LeasePolicyUpdate = try call.read()
            return try .value(
                try await call.broker.setLeases(
                    ofProject: call["project"], of: call["tenant"], to: update.policy, expecting: try call.headers.ifMatch(),
                    for: call.caller))
        },
        Route(.get, "/v1/tenants/{tenant}/projects/{project}/quota", "Show a project's limits and use") { call throws(Problem) in
            try .value(try call.broker.quota(ofProject: call["project"], of: call["tenant"], for: call.caller))
        },
        Route(.put, "/v1/tenants/{tenant}/projects/{project}/quota", "Replace a project's limits", request: QuotaUpdate.self) {
            call throws(Problem) in
            let update: QuotaUpdate = try call.read()
            return try .value(
                try await call.broker.setQuota(
                    ofProject: call["project"], of: call["tenant"], to: update.limits, expecting: try call.headers.ifMatch(),
                    for: call.caller))
        },
    ]
}
