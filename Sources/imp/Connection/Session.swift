// SPDX-License-Identifier: Apache-2.0

import ImpresarioClient
import ImpresarioModel

/// A broker and what the command line says of tenant and project.
struct Session: Sendable {
    let client: Client
    let destination: Destination

    /// The tenant that was named, or the one that the token belongs to.
    func tenant() async throws(Problem) -> String {
        if let tenant = destination.tenant { return tenant }
        if let tenant = try await client.whoami().tenant { return tenant }
        throw Self.missing("tenant")
    }

    func scope() async throws(Problem) -> Scope {
        if let tenant = destination.tenant, let project = destination.project { return Scope(tenant: tenant, project: project) }
        let identity = try await client.whoami()
        guard let tenant = destination.tenant ?? identity.tenant else { throw Self.missing("tenant") }
        guard let project = destination.project ?? identity.project else { throw Self.missing("project") }
        return Scope(tenant: tenant, project: project)
    }

    private static func missing(_ noun: String) -> Problem {
        Problem(
            .invalidUsage, "No \(noun) is chosen.",
            remedy: "Say --\(noun) NAME, set IMPRESARIO_\(noun.uppercased()), or keep it in a context (imp context add).")
    }
}
