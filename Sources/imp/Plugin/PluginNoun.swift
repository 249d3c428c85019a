// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

struct PluginNoun: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plugin", abstract: "The plugins that bring cluster types.",
        subcommands: [PluginList.self, PluginShow.self],
        groupedSubcommands: [
            CommandGroup(
                name: "Admin",
                subcommands: [
                    PluginInstall.self, PluginEnable.self, PluginDisable.self, PluginUpgrade.self, PluginMove.self, PluginRollback.self,
                    PluginUninstall.self, PluginQuarantine.self, PluginLift.self,
                ]),
            CommandGroup(name: "Author", subcommands: [PluginNew.self, PluginVerify.self, PluginRun.self]),
        ])
}
