// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

struct PluginNoun: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plugin", abstract: "The plugins that bring cluster types.",
        subcommands: [PluginList.self, PluginEnable.self, PluginDisable.self])
}
