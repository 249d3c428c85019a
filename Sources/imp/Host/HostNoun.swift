// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

struct HostNoun: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "host", abstract: "The machines that carry nodes.",
        subcommands: [HostList.self, HostShow.self, HostSet.self, HostCordon.self, HostDrain.self])
}
