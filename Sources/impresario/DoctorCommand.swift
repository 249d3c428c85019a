// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ImpresarioInfrastructure

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Tells what this machine lacks to carry nodes, and the command that gets it.",
        discussion: "It changes nothing. It ends with 0 when nodes can be made here, else with 1.")

    func run() async throws {
        let findings = await Doctor.examine()
        let width = findings.map(\.name.count).max() ?? 0
        for finding in findings {
            let name = finding.name + String(repeating: " ", count: width - finding.name.count)
            print("\(finding.state.rawValue.uppercased().padded(to: 7))  \(name)  \(finding.message)")
            if let remedy = finding.remedy { print("\("".padded(to: 7))  \("".padded(to: width))  -> \(remedy)") }
        }
        if !Doctor.isSatisfied(findings) { throw ExitCode(1) }
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
