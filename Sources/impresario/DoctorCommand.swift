// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Tells what this machine lacks to carry nodes, and the command that gets it.")

    func run() async throws { print("not yet") }
}
