// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioInfrastructure
import ImpresarioModel
import Logging

/// A local driver of its own installation and folder. Package layers come from one cache for all, so that they are fetched once.
struct LocalFixture {
    let installation: String
    let directory: URL
    let driver: LocalDriver
    let identifiers = IdentifierSource()

    /// Why the tests that make real nodes cannot run here; nil when they can.
    static let obstacle: String? = geteuid() == 0 ? nil : "making containers needs root"
    static let cache = URL(filePath: "/var/tmp/impresario-test-cache")

    static func make(installation: String? = nil, directory: URL? = nil) throws -> LocalFixture {
        let installation = installation ?? "t" + String(UInt64.random(in: 0...(1 << 40)), radix: 36)
        let directory = directory ?? URL(filePath: "/var/tmp/impresario-test-\(installation)")
        return LocalFixture(
            installation: installation, directory: directory,
            driver: try LocalDriver(
                installation: installation, directory: directory, cacheDirectory: cache, logger: Logger(label: "test")))
    }

    /// Runs the body and takes away whatever it made, also when it throws.
    static func with<Value>(_ body: (LocalFixture) async throws -> Value) async throws -> Value {
        let fixture = try make()
        do {
            let value = try await body(fixture)
            try await fixture.tearDown()
            return value
        } catch {
            try? await fixture.tearDown()
            throw error
        }
    }

    func tearDown() async throws {
        for node in try await driver.list() { try await driver.destroy(node.id) }
        try await driver.removeUnused()
        try? FileManager.default.removeItem(at: directory)
    }

    func specification(
        _ name: String = "n1", address: String = "10.208.3.10", project: ID<Project> = ID("p1"), egress: Bool = true,
        packages: [String] = [], peers: [String: String] = [:]
    ) -> NodeSpecification {
        NodeSpecification(
            id: identifiers.draw(prefix: "n"), name: name, cluster: ID("c1"), project: project, network: "10.208.3.0/24", address: address,
            resources: ["cpu": 500, "memory": 256 << 20, "disk": 512 << 20, "node": 1], packages: packages, allowsEgress: egress,
            peers: peers)
    }
}

extension InfrastructureDriver {
    /// A shell command's output, without the last line end.
    func shell(_ script: String, on node: ID<Node>, timeout: Duration = .seconds(20)) async throws -> String {
        let outcome = try await execute(
            NodeCommand(["/bin/sh", "-c", script], timeout: timeout), on: node, fence: Fence(operation: "test", attempt: 1))
        return String(decoding: outcome.output + outcome.error, as: UTF8.self).trimmingCharacters(in: .newlines)
    }
}
