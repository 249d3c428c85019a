// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

struct ProjectNoun: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "project", abstract: "Teams of a tenant, each with a network of its own.",
        subcommands: [ProjectCreate.self, ProjectList.self, ProjectShow.self, ProjectSet.self, ProjectDelete.self])
}
