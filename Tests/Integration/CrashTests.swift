// SPDX-License-Identifier: Apache-2.0

import ImpresarioClient
import ImpresarioModel
import Testing

extension RealEngines {
    /// `kill -9` of the broker, at every point at which it is worst.
    @Suite struct CrashTests {
        private static let moments = ["before", "performed", "after"]
        private static let creation = ["provision", "bootstrap", "join", "health", "endpoints"].flatMap { step in
            moments.map { "create.\(step).\($0)" }
        }
        private static let deletion = ["release", "nodes", "forget"].flatMap { step in moments.map { "delete.\(step).\($0)" } }

        /// One installation for all, as an unlucky machine would have it; each creation is followed by a deletion that is cut short as well
        /// while there are points left.
        @Test("A broker that is killed before and after any step of create and delete goes on where it was when it starts again")
        func everyStep() async throws {
            try await Installation.with { installation in
                let account = try await installation.account()
                for (index, point) in Self.creation.enumerated() {
                    try await installation.stop()
                    try await installation.start(crashingAt: point)
                    try await Self.unlessItDies { _ = try await installation.order(managers: 1, workers: 1, by: account) }
                    try await installation.died()
                    try await installation.start(crashingAt: index < Self.deletion.count ? Self.deletion[index] : nil)
                    let planned = try await installation.cluster(of: account)
                    let creation = try await Self.operation(.create, on: planned, in: installation)
                    let created = try await installation.end(of: creation)
                    #expect(created.state == .succeeded, "\(point)")
                    try await Self.expectExactly(planned, in: installation, of: account, after: point)

                    try await Self.unlessItDies {
                        _ = try await installation.client(account.token) { try await $0.deleteCluster(planned.name, in: account.scope) }
                    }
                    if index < Self.deletion.count {
                        try await installation.died()
                        try await installation.start()
                    }
                    let deletion = try await Self.operation(.delete, on: planned, in: installation)
                    let deleted = try await installation.end(of: deletion)
                    let last = index < Self.deletion.count ? Self.deletion[index] : point
                    #expect(deleted.state == .succeeded, "\(last)")
                    #expect(try await installation.used(by: account).isEmpty, "\(last)")
                    #expect(try await installation.nodesOfDriver() == [], "\(last)")
                }
            }
        }

        @Test("A broker that is killed while its plugin works in the nodes goes on, and no command of the first attempt runs on")
        func midway() async throws {
            try await Installation.with { installation in
                let account = try await installation.account()
                let accepted = try await installation.order(managers: 1, workers: 1, by: account)
                try await until("commands run in the nodes", within: .seconds(60)) {
                    try await installation.commandsOfOperations().contains { $0.contains("-bootstrap/1-") }
                }
                try await installation.kill()
                try await installation.start()
                let created = try await installation.end(of: accepted.operation.id)
                #expect(created.steps.first { $0.name == "bootstrap" }?.attempts == 2)
                try await Self.expectExactly(accepted.cluster, in: installation, of: account, after: "bootstrap")
            }
        }

        /// The broker can die of a request before its answer has left.
        private static func unlessItDies(_ request: () async throws -> Void) async throws {
            do { try await request() } catch let problem as Problem where problem.is(.unreachable) {}
        }

        private static func operation(
            _ kind: Operation.Kind, on cluster: Cluster, in installation: Installation
        ) async throws -> ID<Operation> {
            let operations = try await installation.client { try await $0.operations(ofCluster: cluster.id).all() }
            return try #require(operations.first { $0.kind == kind }).id
        }

        private static func expectExactly(
            _ planned: Cluster, in installation: Installation, of account: Account, after point: String
        ) async throws {
            let cluster = try await installation.cluster(planned.name, of: account)
            #expect(cluster.phase == .ready && cluster.nodes.allSatisfy { $0.state == .joined }, "\(point)")
            #expect(cluster.nodes.map(\.id) == planned.nodes.map(\.id), "\(point)")
            #expect(try await installation.nodesOfDriver() == planned.nodes.map(\.id.rawValue).sorted(), "\(point)")
            #expect(try await installation.used(by: account) == planned.use(), "\(point)")
            #expect(try await installation.commandsOfOperations() == [], "\(point)")
            #expect(try await installation.docker(planned.name, of: account).states() == planned.nodes.map { _ in "Ready" }, "\(point)")
        }
    }
}
