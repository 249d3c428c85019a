// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ImpresarioClient

struct QuotaShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show limits and use of a tenant (--tenant) or project (--project).")

    @OptionGroup var scope: ScopeOptions
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await connection.connect(tenant: scope.tenant, project: scope.project) { session in
            let level = try await QuotaLevel.choose(session, tenant: scope.tenant, project: scope.project)
            let quota = try await level.quota(session.client)
            try output.show(quota, table: Table(quota))
        }
    }
}
