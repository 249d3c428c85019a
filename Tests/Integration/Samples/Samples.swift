// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioClient
import ImpresarioModel
import Testing

/// Samples in a running broker: what an admin and a tenant do with them.
extension Installation {
    /// Runs the body with a broker that offers a sample, while `imp plugin verify` grades the same library: both mostly wait for engines.
    ///
    /// The broker looks after its clusters every second, so that nobody waits for its rounds.
    static func withSample(
        _ name: String, type: String, _ body: (Installation, Account) async throws -> Void
    ) async throws {
        let sample = try await Sample(name, type: type)
        async let verified = sample.verify()
        let result: Result<Void, any Error>
        do {
            result = .success(
                try await with(arguments: ["--health-interval", "1s"]) { installation in
                    try await installation.offer(sample)
                    try await body(installation, try await installation.account())
                })
        } catch { result = .failure(error) }
        let verdict = try await verified
        #expect(verdict.succeeded && verdict.lines.contains("grade: A"), "\(verdict.text)")
        try result.get()
    }

    /// The command line as built, with the broker of this installation.
    ///
    /// - Parameter account: who calls; the admin when left out.
    func imp(_ arguments: String, as account: Account? = nil) async throws -> Machine.Answer {
        var variables = ["IMPRESARIO_DATA": data, "XDG_CONFIG_HOME": "\(folder)/config", "XDG_STATE_HOME": "\(folder)/state"]
        if let account {
            variables["IMPRESARIO_TOKEN"] = account.token
            variables["IMPRESARIO_TENANT"] = account.scope.tenant
            variables["IMPRESARIO_PROJECT"] = account.scope.project
        }
        return try await Machine.shell("\(Machine.products.appending(path: "imp").path) \(arguments)", variables)
    }

    /// Installs a sample into the broker that runs, and enables it.
    func offer(_ sample: Sample) async throws {
        for command in ["install \(sample.file)", "enable \(sample.type) --approve-all"] {
            let answer = try await imp("plugin \(command)")
            try #require(answer.succeeded, "imp plugin \(command): \(answer.text)")
        }
    }

    /// A cluster of a sample's type that is healthy.
    ///
    /// - Parameter parameters: flags of `imp cluster create`.
    func make(_ name: String = "web", type: String, _ parameters: String = "", by account: Account) async throws -> Cluster {
        let made = try await imp("cluster create \(name) --type \(type) \(parameters) --wait", as: account)
        try #require(made.succeeded, "\(made.text)")
        let cluster = try await cluster(name, of: account)
        #expect(cluster.phase == .ready && cluster.health == .healthy, "\(cluster.conditions)")
        #expect(cluster.nodes.allSatisfy { $0.state == .joined })
        return cluster
    }

    /// A typed operation, as a tenant calls it.
    @discardableResult
    func operate(
        _ operation: String, _ arguments: [String: JSONValue] = [:], on name: String = "web", of account: Account
    ) async throws -> JSONValue {
        try await client(account.token) { try await $0.perform(operation, arguments: arguments, onCluster: name, in: account.scope) }
    }

    func revoke(_ binding: ID<Binding>, of name: String = "web", _ account: Account) async throws {
        _ = try await client(account.token) { try await $0.revoke(binding, ofCluster: name, in: account.scope) }
    }

    // MARK: health

    /// - Returns: the cluster as it was then.
    @discardableResult
    func awaitHealth(
        _ health: Cluster.Health, _ name: String = "web", of account: Account, within limit: Duration = .seconds(90)
    ) async throws -> Cluster {
        var last = try await cluster(name, of: account)
        do {
            try await until("the cluster is \(health)", within: limit) {
                last = try await cluster(name, of: account)
                return last.health == health
            }
        } catch { throw TooLate(description: "\(error); it is \(last.health) \(last.conditions)") }
        return last
    }

    /// Stops (`down`) or starts (`up`) the daemon of some nodes behind the broker's back; the nodes stay.
    func turn(_ service: String, _ direction: String, on nodes: Node...) async throws {
        for node in nodes { #expect(try await shell("sv \(direction) /etc/impresario/service/\(service)", on: node).succeeded) }
    }

    /// Kills the node's first process, and all others with it, and waits until that is on record, mended, and the cluster healthy again.
    ///
    /// - Returns: what the broker told of the cluster's health meanwhile, oldest first.
    @discardableResult
    func lose(_ node: Node, of name: String = "web", _ account: Account) async throws -> [String] {
        try await awaitHealth(.healthy, name, of: account)
        let before = try await story(name, of: account).count
        Glibc.kill(try await initProcess(of: node), SIGKILL)
        var events: ArraySlice<Event> = []
        do {
            try await until("the loss of \(node.name) is on record and mended", within: .seconds(120)) {
                events = try await story(name, of: account).dropFirst(before)
                guard let restarted = events.firstIndex(where: { $0.type == "node.restarted" && $0.message.contains("'\(node.name)'") })
                else { return false }
                let wasLost = events[..<restarted].contains { $0.type == "cluster.health" && !$0.message.contains("is healthy") }
                return wasLost && events.last { $0.type == "cluster.health" }?.message.contains("is healthy") == true
            }
        } catch { throw TooLate(description: "\(error); \(events.map(\.message)), \(try await cluster(name, of: account).conditions)") }
        return events.filter { $0.type == "cluster.health" }.map(\.message)
    }

    /// The same with a node that the others can do without: degraded is what is told, and why.
    func loseOneOfMany(_ node: Node, of name: String = "web", _ account: Account) async throws {
        let told = try await lose(node, of: name, account)
        #expect(told.first?.contains(/is degraded, was healthy\. [A-Z][A-Za-z]+: ./) == true, "\(told)")
        #expect(!told.contains { $0.contains("is unhealthy") }, "\(told)")
    }

    /// What happened to the cluster, oldest first.
    func story(_ name: String = "web", of account: Account) async throws -> [Event] {
        try await client(account.token) { try await $0.events(ofCluster: name, in: account.scope).all() }
    }

    // MARK: the end

    /// Hands the cluster back, and looks for what it left while the broker still runs.
    func deleteWithoutTrace(_ name: String = "web", of account: Account) async throws {
        let leftovers = Leftovers(installation: try id, folder: folder)
        let devices = try await leftovers.devices()
        #expect(try await delete(name, of: account).state == .succeeded)
        #expect(try await used(by: account).isEmpty)
        #expect(try await nodesOfDriver() == [])
        let left = try await leftovers.found(devices: devices, isServing: true)
        #expect(left == [])
    }
}

extension Cluster {
    /// What a condition says; nil when it is not there.
    func condition(_ type: String) -> String? { conditions.first { $0.type == type }?.message }
}
