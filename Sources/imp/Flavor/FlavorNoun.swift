// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

struct FlavorNoun: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "flavor", abstract: "Named node sizes.",
        subcommands: [FlavorCreate.self, FlavorList.self, FlavorDelete.self])
}
