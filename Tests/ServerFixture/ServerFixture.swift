// SPDX-License-Identifier: Apache-2.0

import Foundation
public import ImpresarioBroker
public import ImpresarioClient
import ImpresarioInfrastructure
public import ImpresarioModel
import ImpresarioPlugins
public import ImpresarioServer
import ImpresarioStore
import Logging
import ServiceLifecycle

/// A real broker behind a real server on a port that the system draws, over a memory store, fake nodes and a fake plugin. Gone when the body ends.
public struct ServerFixture: Sendable {
    public let broker: Broker
    public let plugin: FakeToyPlugin
    /// Such as `http://127.0.0.1:41234`.
    public let url: String
    public let adminToken: String
    /// A member of project `shop` of tenant `acme`.
    public let memberToken: String
    /// A tenant-admin of tenant `evil`.
    public let strangerToken: String

    public static let acme = Scope(tenant: "acme", project: "shop")

    public static func with<Result: Sendable>(
        plugin: FakeToyPlugin = FakeToyPlugin(), limits: ResourceLimits = [:], tls: ServerConfiguration.TLS? = nil,
        _ body: @escaping @Sendable (ServerFixture) async throws -> Result
    ) async throws -> Result {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        var options = BrokerOptions()
        options.healthInterval = .milliseconds(50)
        // The runtime is a fake and never loads it; the broker keeps a copy of any library it is shown.
        let folder = NSTemporaryDirectory() + "impresario-server-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try Data("no library".utf8).write(to: URL(fileURLWithPath: folder + "/toy.so"))
        let broker = try await Broker(
            Broker.Parts(
                store: MemoryStore(), plugins: plugin, drivers: ["local": FakeDriver()], secrets: SecretBox(), logger: logger,
                options: options, library: PluginLibrary(folder: folder + "/plugins")))
        try await broker.registerHosts(zone: "local", overcommit: ["cpu": 400])
        for failure in try await broker.load(libraries: [folder + "/toy.so"]) {
            throw failure.problem
        }
        let adminToken = try await broker.makeAdminToken(named: "root")

        let (addresses, listening) = AsyncStream.makeStream(of: String.self)
        let server = Server(
            broker: broker, configuration: try ServerConfiguration(listen: "127.0.0.1:0", tls: tls, version: "0.0.0-test"), logger: logger
        ) { listening.yield($0) }
        return try await withThrowingTaskGroup(of: Result?.self) { group in
            let services = ServiceGroup(configuration: .init(services: [broker, server], logger: logger))
            group.addTask {
                try await services.run()
                return nil
            }
            group.addTask {
                guard let url = await addresses.first(where: { _ in true }) else { return nil }
                let admin = try broker.authenticate(bearer: adminToken)
                _ = try await broker.createTenant("acme", limits: limits, zones: nil, for: admin)
                _ = try await broker.createProject("shop", of: "acme", limits: [:], for: admin)
                _ = try await broker.createTenant("evil", limits: [:], zones: nil, for: admin)
                let member = try await broker.createToken(
                    NewToken(name: "bob", role: .member, tenant: "acme", project: "shop"), for: admin)
                let stranger = try await broker.createToken(NewToken(name: "eve", role: .tenantAdmin, tenant: "evil"), for: admin)
                let fixture = ServerFixture(
                    broker: broker, plugin: plugin, url: url, adminToken: adminToken, memberToken: member.secret,
                    strangerToken: stranger.secret)
                return try await body(fixture)
            }
            defer { group.cancelAll() }
            while let outcome = try await group.next() {
                if let outcome {
                    await services.triggerGracefulShutdown()
                    return outcome
                }
            }
            throw CancellationError()
        }
    }

    /// A client for the length of `body`.
    public func client<Result>(_ token: String? = nil, _ body: (Client) async throws -> Result) async throws -> Result {
        try await Client.with(.init(server: try ServerAddress(url), token: token ?? memberToken), body)
    }
}
