// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ImpresarioClient
import ImpresarioModel

struct HostDrain: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drain", abstract: "Replace every node of a host elsewhere, then leave it cordoned.",
        discussion: """
            Of each cluster no more nodes move at once than its groups bear to miss, and a new node has joined before an old one leaves. \
            What cannot move yet is tried again until it can; `imp host show HOST` tells why it cannot. `imp host set HOST --state ready` ends the drain.
            """)

    @Argument(help: "Its name.")
    var name: String

    @OptionGroup var waiting: WaitOptions
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await connection.connect { session in
            let host = try await session.client.updateHost(name, HostUpdate(state: .draining))
            guard waiting.isWanted else {
                Surroundings.current.note("draining \(name): imp host show \(name)")
                return try output.show(host, table: Table([host]))
            }
            let ended = try await DrainWatch(client: session.client, host: name, timeout: waiting.timeout).end()
            try output.show(ended, text: ended.text)
        }
    }
}
