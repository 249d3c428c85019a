// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

struct ContextNoun: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "context", abstract: "The brokers you work with, and which one is in use.",
        subcommands: [ContextAdd.self, ContextUse.self, ContextList.self, ContextShow.self, ContextRemove.self])
}
