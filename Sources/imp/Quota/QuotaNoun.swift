// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

struct QuotaNoun: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quota", abstract: "Limits of a tenant or project, and what is used of them.",
        subcommands: [QuotaShow.self, QuotaSet.self])
}
