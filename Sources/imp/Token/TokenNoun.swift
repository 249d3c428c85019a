// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

struct TokenNoun: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token", abstract: "Bearer tokens for people and programs.",
        subcommands: [TokenCreate.self, TokenList.self, TokenDelete.self])
}
