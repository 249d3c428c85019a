// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ImpresarioClient
import ImpresarioModel

struct HostCordon: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cordon", abstract: "Put no new nodes on a host; what is there stays.",
        discussion: "It ends a drain where it is. `imp host set HOST --state ready` opens the host again.")

    @Argument(help: "Its name.")
    var name: String

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await connection.connect { session in
            let host = try await session.client.updateHost(name, HostUpdate(state: .cordoned))
            try output.show(host, table: Table([host]))
        }
    }
}
