// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ImpresarioClient
import ImpresarioModel

struct PluginUpgrade: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "upgrade", abstract: "Enable another version, after a look at what it would change.",
        discussion: """
            The version plans every live cluster again, twice, from what was recorded. Where its plan differs, or is not the same twice, the \
            differences are shown and nothing changes unless --accept is given. Clusters keep their version until imp plugin move.
            """)

    @Argument(help: "Its id, as in imp plugin list.")
    var plugin: String

    @Option(help: ArgumentHelp("The version, or the first digits of its hash; the newest when it is not said.", valueName: "version"))
    var to: String?

    @OptionGroup var approval: ApprovalOptions

    @Flag(help: "Go on in spite of differences.")
    var accept = false

    @Flag(help: "Only show the differences.")
    var dryRun = false

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await connection.connect { session in
            let client = session.client
            let approve = try await approval.packages(of: plugin, version: to, client)
            do {
                let report = try await ApprovalOptions.explaining("upgrade", plugin, version: to, flag: "--to", client) {
                    () async throws(Problem) in
                    try await client.upgradePlugin(
                        plugin, UpgradePlugin(to: to, approve: approve, accept: accept ? true : nil, dryRun: dryRun ? true : nil))
                }
                try output.show(report, text: report.text)
                guard !report.enabled else {
                    let waiting = report.clusters.isEmpty ? "" : "; its clusters follow by imp plugin move \(plugin) --all"
                    return Surroundings.current.note("\(plugin) \(report.to.version) is enabled\(waiting)")
                }
                guard dryRun || report.isClean else { throw Self.refusal(report) }
            } catch let problem as Problem where problem.is(.shadowDiffers) && !dryRun {
                // The refusal names the clusters; the report says what differs.
                let report = try await client.upgradePlugin(plugin, UpgradePlugin(to: to, approve: approve, dryRun: true))
                try output.show(report, text: report.text)
                var refusal = problem
                refusal.remedy = Self.remedy
                throw refusal
            }
        }
    }

    private static let remedy = "Say --accept when these changes are wanted."

    private static func refusal(_ report: ShadowReport) -> Problem {
        let count = report.clusters.count { !$0.isClean }
        return Problem(
            .shadowDiffers, "\(report.plugin) \(report.to.version) plans differently for \(count) of \(report.clusters.count) clusters.",
            remedy: remedy)
    }
}
