// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioClient
import ImpresarioModel
import Testing

/// A cluster type of `samples/plugins`, built by its own Makefile as somebody with nothing but the SDK builds it.
struct Sample {
    /// The library.
    let file: String

    private static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..").standardizedFileURL.path

    /// - Parameters:
    ///   - name: a folder of `samples/plugins`; it is copied into `folder` and built there.
    ///   - type: what the library is named after.
    init(_ name: String, type: String, in folder: String) async throws {
        let answer = try await Machine.shell(
            "mkdir -p \(folder)/\(name) && cp -r \(Self.root)/samples/plugins/\(name)/. \(folder)/\(name) && rm -rf \(folder)/\(name)/build && "
                + "make -C \(folder)/\(name) SDK=\(Self.root)/Sources")
        try #require(answer.succeeded, "\(answer.text)")
        file = "\(folder)/\(name)/build/lib\(type).so"
        try #require(FileManager.default.fileExists(atPath: file), "the build makes \(file)")
    }
}

extension Installation {
    /// The command line as built, with the broker of this installation.
    func imp(_ arguments: String) async throws -> Machine.Answer {
        try await Machine.shell(
            "\(Machine.products.appending(path: "imp").path) \(arguments)",
            ["IMPRESARIO_DATA": data, "XDG_CONFIG_HOME": "\(folder)/config", "XDG_STATE_HOME": "\(folder)/state"])
    }

    /// Builds a sample, installs it into the broker that runs, and enables it.
    func offer(_ name: String, type: String) async throws {
        let sample = try await Sample(name, type: type, in: folder)
        for command in ["install \(sample.file)", "enable \(type) --approve-all"] {
            let answer = try await imp("plugin \(command)")
            try #require(answer.succeeded, "imp plugin \(command): \(answer.text)")
        }
    }

    /// A cluster of a sample's type that is healthy.
    func make(_ name: String = "web", type: String, _ parameters: JSONValue = [:], by account: Account) async throws -> Cluster {
        let accepted = try await client(account.token) {
            try await $0.createCluster(NewCluster(name: name, type: type, parameters: parameters), in: account.scope)
        }
        try #require(try await end(of: accepted.operation.id).state == .succeeded)
        let cluster = try await cluster(name, of: account)
        #expect(cluster.phase == .ready && cluster.health == .healthy)
        #expect(cluster.nodes.allSatisfy { $0.state == .joined })
        return cluster
    }

    /// A typed operation, as a tenant calls it.
    func operate(
        _ operation: String, _ arguments: [String: JSONValue] = [:], on name: String = "web", of account: Account
    ) async throws -> JSONValue {
        try await client(account.token) { try await $0.perform(operation, arguments: arguments, onCluster: name, in: account.scope) }
    }

    func revoke(_ binding: ID<Binding>, of name: String = "web", _ account: Account) async throws {
        _ = try await client(account.token) { try await $0.revoke(binding, ofCluster: name, in: account.scope) }
    }

    func awaitHealth(
        _ health: Cluster.Health, _ name: String = "web", of account: Account, within limit: Duration = .seconds(90)
    ) async throws {
        var last = ""
        do {
            try await until("the cluster is \(health)", within: limit) {
                let cluster = try await cluster(name, of: account)
                last = "\(cluster.health) \(cluster.conditions)"
                return cluster.health == health
            }
        } catch { throw TooLate(description: "\(error); it is \(last)") }
    }

    /// Kills the node's first process, and waits until that is on record, mended, and the cluster healthy again.
    func lose(_ node: Node, of name: String = "web", _ account: Account) async throws {
        let before = try await story(name, of: account).count
        Glibc.kill(try await initProcess(of: node), SIGKILL)
        try await until("the loss of \(node.name) is on record and mended", within: .seconds(120)) {
            let events = try await story(name, of: account).dropFirst(before)
            guard let restarted = events.firstIndex(where: { $0.type == "node.restarted" && $0.message.contains("'\(node.name)'") }) else {
                return false
            }
            let health = events.filter { $0.type == "cluster.health" }
            let wasLost = events[..<restarted].contains { $0.type == "cluster.health" && !$0.message.contains("is healthy") }
            return wasLost && health.last?.message.contains("is healthy") == true
        }
    }

    /// What happened to the cluster, oldest first.
    func story(_ name: String = "web", of account: Account) async throws -> [Event] {
        try await client(account.token) { try await $0.events(ofCluster: name, in: account.scope).all() }
    }

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

    /// The grade that `imp plugin verify` gives a sample.
    func verify(_ name: String, type: String) async throws -> Machine.Answer {
        let sample = try await Sample(name, type: type, in: folder)
        return try await imp("plugin verify \(sample.file)")
    }
}

/// The plain client of an engine, out of the unpacked packages, with a tenant's credentials; nothing is installed.
struct EngineClient {
    let environment: [String: String]
    private let program: String

    /// - Parameter program: a name in `/usr/bin` of a package that the nodes have.
    init(_ program: String, _ credentials: Credentials, in parent: String) throws {
        let folder = "\(parent)/client-\(credentials.binding)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for (name, content) in credentials.files { try Data(content.utf8).write(to: URL(filePath: "\(folder)/\(name)")) }
        environment = credentials.env.mapValues { $0.replacing("${dir}", with: folder) }
        self.program = program
    }

    /// - Parameter arguments: as in a shell, quotes included.
    func callAsFunction(_ arguments: String, _ changed: [String: String] = [:]) async throws -> Machine.Answer {
        try await Machine.shell(
            """
            client=$(ls -t \(Prerequisites.cache)/layers/*/usr/bin/\(program) | head -n 1)
            [ -n "$client" ] || exit 127
            export LD_LIBRARY_PATH=$(echo ${client%/bin/*}/lib/*-linux-gnu)
            timeout 20 "$client" \(arguments)
            """, environment.merging(changed) { $1 })
    }
}
