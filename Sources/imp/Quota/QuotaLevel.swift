// SPDX-License-Identifier: Apache-2.0

import ImpresarioClient
import ImpresarioModel

/// The level whose limits are meant: the project that is named or chosen, else the tenant.
enum QuotaLevel {
    case tenant(String)
    case project(Scope)

    /// - Parameter tenant: what `--tenant` said; `--tenant` without `--project` means the tenant itself, also when a context knows a project.
    static func choose(_ session: Session, tenant: String?, project: String?) async throws(Problem) -> QuotaLevel {
        if let tenant, project == nil { return .tenant(tenant) }
        let name = try await session.tenant()
        if let project = project ?? session.destination.project { return .project(Scope(tenant: name, project: project)) }
        return .tenant(name)
    }

    func quota(_ client: Client) async throws(Problem) -> Quota {
        switch self {
        case .tenant(let name): try await client.quota(ofTenant: name)
        case .project(let scope): try await client.quota(ofProject: scope)
        }
    }

    func set(_ limits: ResourceLimits, _ client: Client) async throws(Problem) -> Quota {
        switch self {
        case .tenant(let name): try await client.setQuota(limits, ofTenant: name)
        case .project(let scope): try await client.setQuota(limits, ofProject: scope)
        }
    }
}
