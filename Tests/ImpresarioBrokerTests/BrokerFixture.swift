// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioBroker
import ImpresarioInfrastructure
import ImpresarioModel
import ImpresarioPlugins
import ImpresarioStore
import Logging
import Testing

/// A running broker on a memory store, simulated machines and a plugin in closures. Stopped when the body ends, however it ends.
struct BrokerFixture {
    let broker: Broker
    let store: MemoryStore
    /// Of host `local`.
    let driver: SimulatedDriver
    let plugins: FakePluginRuntime
    let library: PluginLibrary
    static let admin = Caller(token: ID("k0"), name: "ada", role: .admin, tenant: nil, project: nil)
    static let member = Caller(token: ID("k1"), name: "bob", role: .member, tenant: "acme", project: nil)
    static let stranger = Caller(token: ID("k2"), name: "eve", role: .tenantAdmin, tenant: "evil", project: nil)

    static func with(
        store: MemoryStore = MemoryStore(), driver: SimulatedDriver = SimulatedDriver(), plugins: FakePluginRuntime = FakePluginRuntime(),
        options: BrokerOptions = BrokerOptions(), faults: @escaping @Sendable (String) async -> Void = { _ in },
        limits: ResourceLimits = [:], libraries: [Data]? = nil, library: String? = nil, secrets: SecretBox = SecretBox(),
        unusable: [String] = [], others: [String: SimulatedDriver] = [:], time: TimeSource = .machine,
        _ body: (BrokerFixture) async throws -> Void
    ) async throws {
        var quiet = Logger(label: "test")
        quiet.logLevel = .critical
        var options = options
        options.healthInterval = .milliseconds(50)
        let folder = FileManager.default.temporaryDirectory.appending(path: "impresario-\(UInt64.random(in: .min ... .max))").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let library = PluginLibrary(folder: library ?? folder + "/library")
        var found: [String] = []
        for (index, content) in try (libraries ?? [FakePluginRuntime.library()]).enumerated() {
            found.append("\(folder)/\(index).so")
            try content.write(to: URL(fileURLWithPath: found[index]))
        }
        var parts = Broker.Parts(
            store: store, plugins: plugins, drivers: others.merging(["local": driver], uniquingKeysWith: { $1 }), secrets: secrets,
            logger: quiet, time: time, options: options,
            library: library)
        parts.faults = faults
        let broker = try await Broker(parts)
        try await broker.registerHosts(zone: "local", overcommit: ["cpu": 400])
        let problems = try await broker.load(libraries: found).map(\.problem)
        #expect(problems.map(\.code) == unusable)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await broker.run() }
            defer { group.cancelAll() }
            if (try? broker.tenant("acme", for: admin)) == nil {
                _ = try await broker.createTenant("acme", limits: limits, zones: nil, for: admin)
                _ = try await broker.createProject("shop", of: "acme", limits: [:], for: admin)
            }
            try await body(BrokerFixture(broker: broker, store: store, driver: driver, plugins: plugins, library: library))
        }
    }

    func create(_ name: String, _ parameters: JSONValue = [:], as caller: Caller = member, key: IdempotencyKey? = nil) async throws
        -> Accepted
    {
        try await broker.createCluster(
            NewCluster(name: name, type: "sample", parameters: parameters), in: "shop", of: "acme", for: caller, key: key)
    }

    /// Returns when as many events of a type are on record.
    func events(_ type: String, count: Int) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while true {
            let records = try await store.list(prefix: "events/").records
            let found = try records.map { try CanonicalJSON.decode(Event.self, from: $0.value) }.filter { $0.type == type }
            if found.count >= count { return }
            try #require(ContinuousClock.now < deadline, "no \(type)")
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    func path(_ name: String) -> ClusterPath { ClusterPath(tenant: "acme", project: "shop", cluster: name) }

    func delete(_ name: String) async throws -> Accepted {
        try await broker.deleteCluster(path(name), expecting: nil, for: Self.member)
    }

    /// The operation when it has ended; a test that waits longer than a minute has failed.
    func end(of operation: ID<ImpresarioModel.Operation>) async throws -> ImpresarioModel.Operation {
        let deadline = ContinuousClock.now + .seconds(60)
        while true {
            let entry = try broker.operation(operation.rawValue, for: Self.admin)
            if entry.value.state.isFinal { return entry.value }
            try #require(ContinuousClock.now < deadline, "\(entry.value)")
            _ = try await broker.operation(operation.rawValue, newerThan: entry.revision, patience: .seconds(1), for: Self.admin)
        }
    }
}
