// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

struct OperationNoun: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "operation", abstract: "Work on clusters, and how far it is.",
        subcommands: [OperationList.self, OperationShow.self, OperationWatch.self, OperationCancel.self, OperationRetry.self])
}
