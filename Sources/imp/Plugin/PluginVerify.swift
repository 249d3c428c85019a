// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import ImpresarioModel
import ImpresarioPluginTools

struct PluginVerify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Check a plugin's library and grade it; needs no broker.",
        discussion: """
            Each check runs in processes of its own, on nodes that are made for it and gone at the end. Grades: A: every check passed on real nodes. \
            B: no check failed, with warnings or on simulated nodes. F: a check failed. Ends with 0 unless the grade is F.

            Real nodes need root; impresario doctor says what else. The checks are explained in docs/plugin-verify.md.
            """)

    @Argument(help: "The plugin's library.")
    var file: String

    @Option(help: ArgumentHelp("Only this cluster type of the plugin.", valueName: "type"))
    var type: String?

    @OptionGroup var nodes: NodeOptions

    @Option(help: ArgumentHelp("The seed of everything that is drawn; the same one repeats a run.", valueName: "number"))
    var seed: UInt64 = 1

    @Option(help: ArgumentHelp("Only these groups of checks; repeatable.", valueName: "group"))
    var only: [String] = []

    @Option(name: .customLong("set"), help: ArgumentHelp("A parameter of the clusters that are made; repeatable.", valueName: "key=value"))
    var assignments: [String] = []

    @Option(help: ArgumentHelp("Nodes of a cluster, at most.", valueName: "number"))
    var mostNodes = 3

    @Option(
        help: ArgumentHelp("Host calls at which each verb is disturbed, at most. (default: 3, on simulated nodes 40)", valueName: "number"))
    var points: Int?

    @Option(help: ArgumentHelp("Also write the result as JUnit XML.", valueName: "path"))
    var junit: String?

    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard mostNodes > 0 else { throw ValidationError("--most-nodes is 1 or more.") }
        guard points ?? 1 > 0 else { throw ValidationError("--points is 1 or more.") }
    }

    func run() async throws {
        var options = Verification.Options()
        options.seed = seed
        options.type = type
        options.mostNodes = mostNodes
        options.points = points
        options.groups = only.isEmpty ? nil : Set(only)
        if !assignments.isEmpty {
            var document = ParameterDocument()
            for text in assignments { try document.assign(text, parameters: [], read: ParameterSource.read) }
            options.parameters = document.value
        }
        let report = try await nodes.with { [options] ground, guest in
            try await Verification(library: file, guest: guest, ground: ground, options: options).run { Self.show($0) }
        }
        if let junit { try write(JUnit.render(report), to: junit) }
        try output.show(report, text: Self.text(report))
        if report.grade == .f { throw ExitCode(ExitStatus.failure.rawValue) }
    }

    private func write(_ text: String, to path: String) throws(Problem) {
        do { try Data(text.utf8).write(to: URL(filePath: path)) } catch {
            throw Problem(.invalidUsage, "\(path) cannot be written.", field: "--junit", detail: String(describing: error))
        }
    }

    private static func show(_ progress: VerificationProgress) {
        switch progress {
        case .began: break
        case .ended(let check):
            let time = ProgressReport.seconds(Int64(check.milliseconds))
            Surroundings.current.note("\(check.result.rawValue): \(check.group): \(check.name) (\(time))")
        case .note(let text): Surroundings.current.note(text)
        }
    }

    /// The table, what failed in full, the grade and the counts.
    static func text(_ report: VerificationReport) -> String {
        let types = Set(report.checks.compactMap(\.type))
        let rows = report.checks.map { check in
            (types.count > 1 ? [check.type ?? ""] : []) + [
                check.group, check.name, check.result.rawValue, ProgressReport.seconds(Int64(check.milliseconds)),
                check.message.count > 80 ? check.message.prefix(79) + "…" : check.message,
            ]
        }
        let columns = (types.count > 1 ? ["TYPE"] : []) + ["GROUP", "CHECK", "RESULT", "TIME", "MESSAGE"]
        var text = Table(columns: columns, rows: rows, numeric: [columns.count - 2]).render()
        for check in report.checks where check.result == .failed || check.result == .warning {
            text += "\n\(check.result.rawValue): \(check.group): \(check.name)\n  \(Table.printable(check.message))\n"
            if let remedy = check.remedy { text += "  remedy: \(Table.printable(remedy))\n" }
        }
        let counts = VerificationReport.Result.allCases.map { "\(report.count($0)) \($0.rawValue)" }.joined(separator: ", ")
        text += "\ngrade: \(report.grade.rawValue)\n\(counts); \(report.nodes.rawValue) nodes, seed \(report.seed)\n"
        if let obstacle = report.obstacle { text += "real nodes were not to be had: \(obstacle)\n" }
        return text
    }
}
