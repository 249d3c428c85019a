// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ImpresarioClient
import ImpresarioModel

struct HostSet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "set", abstract: "Change a host's state, overcommit or labels.")

    @Argument(help: "Its name.")
    var name: String

    @Option(
        help: ArgumentHelp(
            "ready takes new nodes, cordoned does not, draining replaces elsewhere what is there and ends cordoned.", valueName: "state"))
    var state: Host.State?

    @Option(
        help: ArgumentHelp(
            "How many times a resource may be promised, such as cpu=4 or cpu=1.5; repeatable, replaces all.", valueName: "key=factor"))
    var overcommit: [String] = []

    @Option(name: .customLong("label"), help: ArgumentHelp("A label; repeatable, replaces all.", valueName: "key=value"))
    var labels: [String] = []

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard state != nil || !overcommit.isEmpty || !labels.isEmpty else {
            throw ValidationError("Nothing to change: say --state, --overcommit or --label.")
        }
    }

    func run() async throws {
        let factors = try Pairs.read(overcommit, flag: "--overcommit").mapValues { text in
            guard let factor = Double(text), (0...10_000).contains(factor) else {
                throw Problem(.invalidUsage, "'\(text)' is not a factor such as 4 or 1.5.", field: "--overcommit")
            }
            return Int((factor * 100).rounded())
        }
        let update = HostUpdate(
            state: state, overcommit: overcommit.isEmpty ? nil : factors,
            labels: labels.isEmpty ? nil : try Pairs.read(labels, flag: "--label"))
        try await connection.connect { session in
            let host = try await session.client.updateHost(name, update)
            try output.show(host, table: Table([host]))
        }
    }
}
