// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ImpresarioClient
import ImpresarioModel

struct FlavorCreate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Create a flavor.",
        discussion: "Example: imp flavor create small cpu=500m memory=1Gi disk=4Gi --price 0.02")

    @Argument(help: "A DNS label.")
    var name: String

    @Argument(help: ArgumentHelp("What one node gets: cpu, memory, disk, and any key of your own.", valueName: "key=amount"))
    var resources: [String]

    @Option(help: ArgumentHelp("What one node costs for one hour, in whatever you count money in, such as 0.02.", valueName: "amount"))
    var price: Price?

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let flavor = NewFlavor(
            name: name, resources: ResourceVector(try Limits.read(resources, flag: "resources").amounts), hourlyPrice: price)
        try await connection.connect { session in
            let made = try await session.client.createFlavor(flavor)
            try output.show(made, table: Table([made]))
        }
    }
}
