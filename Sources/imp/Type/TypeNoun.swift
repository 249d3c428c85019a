// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

struct TypeNoun: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "type", abstract: "The kinds of clusters this broker knows.",
        subcommands: [TypeList.self, TypeShow.self])
}
