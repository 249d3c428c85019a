// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioInfrastructure
import ImpresarioModel
import ImpresarioPlugins
import ImpresarioStore
import Logging

@testable import ImpresarioBroker

/// A swarm as the broker would make it, without the broker's operations: the built plugin in a sandboxed guest, nodes of the local driver, the core's
/// own certificates. Its calls are the verbs; its nodes may be killed.
final class RealSwarm {
    typealias Node = PluginContext.NodeView

    let driver: LocalDriver
    let directory: URL
    private(set) var nodes: [Node] = []
    private let pool: GuestPool
    private let pin: PluginPin
    private let manifest: PluginManifest
    private let vault: ClusterVault
    private let identifiers = IdentifierSource()
    private let resources: ResourceVector = ["cpu": 1000, "memory": 512 << 20, "disk": 2 << 30, "node": 1]
    private let parameters: JSONValue

    /// Why real swarms cannot be made here; nil when they can.
    static let obstacle: String? = geteuid() == 0 ? nil : "making nodes needs root"

    private static let products = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()

    private init(_ parameters: JSONValue, installation: String, directory: URL) async throws {
        self.parameters = parameters
        self.directory = directory
        var logger = Logger(label: "swarm-test")
        logger.logLevel = .warning
        driver = try LocalDriver(
            installation: installation, directory: directory, cacheDirectory: URL(filePath: "/var/tmp/impresario-test-cache"),
            logger: logger)
        pool = GuestPool(
            executable: Self.products.appending(path: "impresario-guest").path, installation: installation, logger: logger)
        let library = Self.products.appending(path: "libswarm.so").path
        let inspection = try await pool.inspect(library: library)
        manifest = inspection.manifest
        pin = PluginPin(id: manifest.id, version: manifest.version, sha256: inspection.sha256)
        await pool.register(pin, manifest: manifest, library: library)
        vault = ClusterVault(cluster: ID("c1"), store: MemoryStore(), box: SecretBox(), clock: Timestamp.now)
    }

    /// Runs the body and takes away whatever was made, also when it throws.
    static func with<Value>(_ parameters: JSONValue, _ body: (RealSwarm) async throws -> Value) async throws -> Value {
        let installation = "t" + String(UInt64.random(in: 0...(1 << 40)), radix: 36)
        let swarm = try await RealSwarm(
            parameters, installation: installation, directory: URL(filePath: "/var/tmp/impresario-test-\(installation)"))
        do {
            let value = try await body(swarm)
            try await swarm.tearDown()
            return value
        } catch {
            try? await swarm.tearDown()
            throw error
        }
    }

    private func tearDown() async throws {
        for node in try await driver.list() { try await driver.destroy(node.id) }
        try await driver.removeUnused()
        await pool.shutdown()
        try? FileManager.default.removeItem(at: directory)
    }

    /// Makes a node that runs and is no member yet.
    @discardableResult
    func addNode(_ role: String, _ ordinal: Int) async throws -> Node {
        let id: ID<ImpresarioModel.Node> = identifiers.draw(prefix: "n")
        let name = "web-\(role)-\(ordinal)"
        let address = "10.208.3.\(10 + addressesGiven)"
        addressesGiven += 1
        let packages = ["docker.io", "iptables", "stunnel4"]
        try await driver.create(
            NodeSpecification(
                id: id, name: name, cluster: ID("c1"), project: ID("p1"), network: "10.208.3.0/24", address: address, resources: resources,
                packages: packages, allowsEgress: true, peers: [:]))
        let node = Node(
            id: id.rawValue, name: name, group: role, role: role, ordinal: ordinal, zone: "local", host: "local", address: address,
            state: "running", flavor: .init(cpu: 1000, memory: 512 << 20, disk: 2 << 30))
        nodes.append(node)
        return node
    }
    private var addressesGiven = 0

    func setState(_ state: String, of node: Node) {
        if let index = nodes.firstIndex(where: { $0.id == node.id }) { nodes[index].state = state }
    }

    func forget(_ node: Node) { nodes.removeAll { $0.id == node.id } }

    /// A verb in a guest, as the broker calls it.
    @discardableResult
    func call(_ verb: PluginVerb, _ args: JSONValue = [:], attempt: Int = 1) async throws -> JSONValue {
        try await call(.verb(verb), args, attempt: attempt)
    }

    func call<Answer: Decodable>(_ verb: PluginVerb, _ args: JSONValue = [:], as type: Answer.Type) async throws -> Answer {
        try CanonicalJSON.decode(from: CanonicalJSON.encode(try await call(verb, args)))
    }

    func perform(_ operation: String, _ arguments: [String: JSONValue]) async throws -> JSONValue {
        guard let declared = manifest.types.first?.operations.first(where: { $0.id == operation }) else {
            throw Problem(.notFound, "no operation \(operation)")
        }
        return try await call(.operation(declared, arguments: arguments), [:], attempt: 1)
    }

    private func call(_ target: PluginCall.Target, _ args: JSONValue, attempt: Int) async throws -> JSONValue {
        var addresses: [String] = []
        for node in nodes where node.group == "manager" && node.state != "lost" {
            addresses.append(try await driver.expose(port: 2376, of: ID(node.id)))
        }
        let context = PluginContext(
            operation: .init(id: "o1", kind: "test", attempt: attempt),
            cluster: .init(id: "c1", name: "web", params: parameters, version: nil, labels: [:], network: "10.208.3.0/24"), nodes: nodes,
            endpoints: [.init(name: "docker", addresses: addresses, port: 2376)], args: args)
        return try await pool.call(
            PluginCall(plugin: pin, type: "swarm", target: target, context: context, tenant: ID("t1"), timeout: .seconds(180)),
            services: NodeServices(driver: driver, vault: vault, fence: Fence(operation: "o1", attempt: attempt)))
    }

    func health() async throws -> HealthReport { try await call(.health, as: HealthReport.self) }

    /// A shell command in a node; stdout and stderr.
    func shell(_ script: String, on node: Node) async throws -> String {
        let outcome = try await driver.execute(
            NodeCommand(["/bin/sh", "-c", "exec 2>&1; \(script)"]), on: ID(node.id), fence: Fence(operation: "test", attempt: 1))
        return String(decoding: outcome.output, as: UTF8.self)
    }

    /// TERM is not waited for.
    func kill(_ node: Node) async throws { try await driver.stop(ID(node.id), grace: .zero) }
    func restart(_ node: Node) async throws { try await driver.start(ID(node.id)) }
}

/// The host functions over the local driver and the core's vault.
private struct NodeServices: HostServices {
    let driver: LocalDriver
    let vault: ClusterVault
    let fence: Fence

    func execute(_ commands: [(node: String, command: NodeCommand)]) async throws(Problem) -> [CommandOutcome] {
        do {
            return try await withThrowingTaskGroup(of: (Int, CommandOutcome).self) { group in
                for (index, entry) in commands.enumerated() {
                    group.addTask { (index, try await driver.execute(entry.command, on: ID(entry.node), fence: fence)) }
                }
                var outcomes: [Int: CommandOutcome] = [:]
                for try await (index, outcome) in group { outcomes[index] = outcome }
                return commands.indices.compactMap { outcomes[$0] }
            }
        } catch { throw Problem(wrapping: error) }
    }
    func put(_ files: [(node: String, file: NodeFile)]) async throws(Problem) {
        for (node, file) in files { try await driver.put([file], on: ID(node)) }
    }
    func get(node: String, path: String, limit: Int) async throws(Problem) -> Data {
        try await driver.get(path, limit: limit, from: ID(node))
    }
    func declare(nodes: [String], service: ServiceSpecification) async throws(Problem) {
        for node in nodes { try await driver.declare(service, on: ID(node), fence: fence) }
    }
    func state(_ key: String) async throws(Problem) -> (value: Data, version: UInt64)? { try await vault.state(key) }
    func putState(_ key: String, _ value: Data, expecting: UInt64) async throws(Problem) -> UInt64 {
        try await vault.putState(key, value, expecting: expecting)
    }
    func secret(_ name: String) async throws(Problem) -> (value: Data, version: UInt64)? { try await vault.secret(name) }
    func putSecret(_ name: String, _ value: Data, expecting: UInt64) async throws(Problem) -> UInt64 {
        try await vault.putSecret(name, value, expecting: expecting)
    }
    func keyPair(_ name: String, profile: JSONValue) async throws(Problem) -> Data { try await vault.keyPair(name, profile: profile) }
    func issueCertificate(request: String, profile: JSONValue) async throws(Problem) -> Data {
        try await vault.issueCertificate(request: request, profile: profile)
    }
    func revocationList(authority: String, serials: [String]) async throws(Problem) -> Data {
        try await vault.revocationList(authority: authority, serials: serials)
    }
    func log(severity: Int, message: String, fields: JSONValue?) {}
    func progress(_ per10000: Int, phase: String) {}
    func event(_ type: String, data: JSONValue) {}
}
