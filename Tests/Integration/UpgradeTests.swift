// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioClient
import ImpresarioModel
import Testing

extension RealEngines {
    @Suite struct UpgradeTests {
        @Test("A plugin is upgraded under a live swarm and under load: no request fails, the swarm stays healthy, and it goes back as well")
        func upgrade() async throws {
            try await Installation.with { installation in
                let library = try await SecondPlugin.build(version: "0.2.0", in: installation.folder)
                let (account, neighbour) = (try await installation.account(), try await installation.account("other"))
                try await installation.make(managers: 1, workers: 1, by: account)
                let untouched = try await installation.make("theirs", managers: 1, by: neighbour)
                let docker = try await installation.docker(of: account)
                let swarm = try await docker("info --format '{{.Swarm.Cluster.ID}} {{.ID}}'").text

                let tally = try await Self.underLoad(installation, account, docker) { load in
                    try await load.turn()
                    let installed = try await installation.client { try await $0.installPlugin(file: library) }
                    #expect(installed.state == .installed && installed.pin.version == "0.2.0" && !installed.sandbox.isEmpty)
                    let again = try await installation.client { try await $0.installPlugin(file: library) }
                    #expect(again == installed)

                    let preview = try await installation.client { try await $0.upgradePlugin("swarm", UpgradePlugin(dryRun: true)) }
                    #expect(preview.isClean && !preview.enabled && preview.clusters.count == 2, "\(preview)")
                    let report = try await installation.client { try await $0.upgradePlugin("swarm", UpgradePlugin()) }
                    #expect(report.enabled)
                    try await load.turn()

                    let selection = MovePins(tenant: account.scope.tenant, project: account.scope.project)
                    try await Self.end(of: installation.client { try await $0.movePins(ofPlugin: "swarm", selection) }, in: installation)
                    try await Self.expect("0.2.0", installation, account)
                    try await load.turn()
                    #expect(try await docker.states() == ["Ready", "Ready"])

                    try await Self.end(
                        of: installation.client { try await $0.rollBackPins(ofPlugin: "swarm", selection) }, in: installation)
                    try await Self.expect("0.1.0", installation, account)
                    try await load.turn()
                }
                #expect(tally.failed == [])
                #expect(tally.answered.count == 5 && tally.answered.values.allSatisfy { $0 >= 8 }, "\(tally.answered)")

                #expect(try await docker.states() == ["Ready", "Ready"])
                #expect(try await docker("info --format '{{.Swarm.Cluster.ID}} {{.ID}}'").text == swarm)
                let after = try await installation.cluster("theirs", of: neighbour)
                #expect(after.plugin == untouched.plugin && after.nodes == untouched.nodes && after.operation == untouched.operation)

                // Credentials that the new version gave out are news that a way back would lose.
                try await Self.end(
                    of: installation.client { try await $0.movePins(ofPlugin: "swarm", MovePins(all: true)) }, in: installation, count: 2)
                _ = try await installation.docker(of: account)
                let refused = try await installation.client { try await $0.rollBackPins(ofPlugin: "swarm", MovePins(all: true)) }
                #expect(refused.moves.first { $0.cluster.name == "web" }?.problem?.code == "rollback-refused")
                #expect(refused.moves.first { $0.cluster.name == "theirs" }?.operation != nil)
                for move in refused.moves { if let id = move.operation { _ = try await installation.end(of: id) } }
            }
        }

        @Test("A broker that is killed in the middle of a move ends it when it starts again, and the swarm has not noticed")
        func killed() async throws {
            try await Installation.with { installation in
                let library = try await SecondPlugin.build(version: "0.2.0", in: installation.folder)
                let account = try await installation.account()
                try await installation.make(managers: 1, by: account)
                let docker = try await installation.docker(of: account)
                try await installation.client { client in
                    _ = try await client.installPlugin(file: library)
                    #expect(try await client.upgradePlugin("swarm", UpgradePlugin()).enabled)
                }
                try await installation.stop()
                try await installation.start(crashingAt: "move.pin.performed")
                do {
                    _ = try await installation.client { try await $0.movePins(ofPlugin: "swarm", MovePins(all: true)) }
                } catch let problem as Problem where problem.is(.unreachable) {}
                try await installation.died()
                #expect(try await docker.states() == ["Ready"])
                try await installation.start()
                let cluster = try await installation.cluster(of: account)
                #expect(try await installation.end(of: try #require(cluster.operation)).kind == .move)
                try await Self.expect("0.2.0", installation, account)
                #expect(try await docker.states() == ["Ready"])
            }
        }

        private static func underLoad(
            _ installation: Installation, _ account: Account, _ docker: DockerClient, _ body: (LoadLoop) async throws -> Void
        ) async throws -> LoadLoop.Tally {
            let configuration = Client.Configuration(
                server: try ServerAddress(installation.address), token: account.token, retry: .never)
            return try await Client.with(configuration) { client in
                try await LoadLoop.with([
                    (
                        "docker",
                        {
                            let answer = try await docker("node ls --format '{{.Status}}'")
                            guard answer.succeeded, answer.lines == ["Ready", "Ready"] else { throw TooLate(description: answer.text) }
                        }
                    ),
                    ("show", { _ = try await client.cluster("web", in: account.scope) }),
                    ("list", { _ = try await client.clusters(in: account.scope).all() }),
                    (
                        "operation",
                        {
                            let answer = try await client.perform(
                                "rotate-join-tokens", arguments: ["role": "worker"], onCluster: "web", in: account.scope)
                            guard answer["token"]?.string?.isEmpty == false else { throw TooLate(description: "\(answer)") }
                        }
                    ),
                    (
                        "preview",
                        { _ = try await client.dryRunCluster(NewCluster(name: "more", type: "swarm"), in: account.scope) }
                    ),
                ]) { try await body($0) }
            }
        }

        private static func end(of moves: PinMoves, in installation: Installation, count: Int = 1) async throws {
            #expect(moves.moves.count == count)
            for move in moves.moves {
                let operation = try #require(move.operation, "\(String(describing: move.problem))")
                #expect(try await installation.end(of: operation).state == .succeeded)
            }
        }

        private static func expect(_ version: String, _ installation: Installation, _ account: Account) async throws {
            let cluster = try await installation.cluster(of: account)
            #expect(cluster.plugin.version == version && cluster.phase == .ready && cluster.health == .healthy, "\(cluster.conditions)")
        }
    }
}
