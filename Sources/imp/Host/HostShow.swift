// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ImpresarioClient

struct HostShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show a host, the nodes on it, and what keeps a drain from its end.")

    @Argument(help: "Its name.")
    var name: String

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await connection.connect { session in
            let detail = try await session.client.host(name)
            try output.show(detail, text: detail.text)
        }
    }
}
