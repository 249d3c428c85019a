// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

@main
struct Impresario: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "impresario", abstract: "The broker: gives tenants clusters of their own on machines that IT set.",
        version: Release.version, subcommands: [Serve.self, DoctorCommand.self])
}

enum Release {
    static let version = "0.1.0"
}
