// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

struct ZoneNoun: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "zone", abstract: "Failure domains that hosts belong to.",
        subcommands: [ZoneList.self])
}
