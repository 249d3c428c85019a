// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ImpresarioModel

struct QuotaSet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set", abstract: "Set limits of a tenant (--tenant) or project (--project).",
        discussion: "Limits that are not named stay as they are; key=none takes one away; --replace takes all others away.")

    @Argument(help: ArgumentHelp("Limits such as cpu=4, memory=8Gi, cluster=2, cluster.TYPE=0 or disk=none.", valueName: "key=amount"))
    var limits: [String]

    @Flag(help: "Take away every limit that is not named.")
    var replace = false

    @OptionGroup var scope: ScopeOptions
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let unlimited = limits.filter { $0.hasSuffix("=none") }.map { String($0.dropLast(5)) }
        let wanted = try Limits.read(limits.filter { !$0.hasSuffix("=none") }, flag: "limits")
        try await connection.connect(tenant: scope.tenant, project: scope.project) { session in
            let level = try await QuotaLevel.choose(session, tenant: scope.tenant, project: scope.project)
            var result = replace ? ResourceLimits() : try await level.quota(session.client).limits
            for (key, amount) in wanted.amounts { result[key] = amount }
            for key in unlimited { result[key] = nil }
            let quota = try await level.set(result, session.client)
            if !quota.warning.isEmpty { Surroundings.current.note(String(quota.warning.dropFirst())) }
            try output.show(quota, table: Table(quota))
        }
    }
}
