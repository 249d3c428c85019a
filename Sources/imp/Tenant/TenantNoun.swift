// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

struct TenantNoun: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tenant", abstract: "Lines of business, the outer level of limits.",
        subcommands: [TenantCreate.self, TenantList.self, TenantShow.self, TenantSet.self, TenantDelete.self])
}
