// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioInfrastructure
import ImpresarioModel
import Testing

/// What every driver promises. A new driver is one more case.
enum DriverUnderTest: String, CaseIterable, CustomTestStringConvertible {
    case simulated, local

    var testDescription: String { rawValue }
    static let available = allCases.filter { $0 != .local || LocalFixture.obstacle == nil }

    func with(_ body: (any InfrastructureDriver, (String, String) -> NodeSpecification) async throws -> Void) async throws {
        switch self {
        case .local:
            try await LocalFixture.with { fixture in
                try await body(fixture.driver) { fixture.specification($0, address: $1) }
            }
        case .simulated:
            let ids = IdentifierSource()
            try await body(SimulatedDriver()) { name, address in
                NodeSpecification(
                    id: ids.draw(prefix: "n"), name: name, cluster: ID("c1"), project: ID("p1"), network: "10.208.3.0/24", address: address,
                    resources: ["cpu": 500, "memory": 256 << 20, "disk": 512 << 20], packages: [], allowsEgress: true, peers: [:])
            }
        }
    }
}

@Suite struct DriverContractTests {
    private let fence = Fence(operation: "o1", attempt: 1)

    @Test(
        "A node that was created runs, a repetition changes nothing, and one that was destroyed is gone",
        arguments: DriverUnderTest.available)
    func life(driver: DriverUnderTest) async throws {
        try await driver.with { driver, specification in
            let node = specification("n1", "10.208.3.10")
            try await driver.create(node)
            #expect(try await driver.list() == [NodeStatus(id: node.id, cluster: ID("c1"), state: .running)])
            try await driver.put([NodeFile(path: "/root/mark", content: Data("1".utf8))], on: node.id)
            try await driver.create(node)
            #expect(try await driver.get("/root/mark", limit: 10, from: node.id) == Data("1".utf8))

            try await driver.stop(node.id, grace: .seconds(5))
            #expect(try await driver.list().map(\.state) == [.stopped])
            try await driver.stop(node.id, grace: .seconds(5))
            try await driver.start(node.id)
            try await driver.start(node.id)
            #expect(try await driver.list().map(\.state) == [.running])
            #expect(try await driver.get("/root/mark", limit: 10, from: node.id) == Data("1".utf8))

            try await driver.destroy(node.id)
            try await driver.destroy(node.id)
            #expect(try await driver.list().isEmpty)
            try await driver.removeUnused()
        }
    }

    @Test("A created node takes new peers, and refuses to become another node", arguments: DriverUnderTest.available)
    func specification(driver: DriverUnderTest) async throws {
        try await driver.with { driver, specification in
            var node = specification("n1", "10.208.3.10")
            try await driver.create(node)
            node.peers = ["n2": "10.208.3.11"]
            try await driver.create(node)
            node.address = "10.208.3.12"
            await expect(.conflict) { try await driver.create(node) }
        }
    }

    @Test("A command's exit code, input and output pass through, and its output is bounded", arguments: DriverUnderTest.available)
    func commands(driver: DriverUnderTest) async throws {
        try await driver.with { driver, specification in
            let node = specification("n1", "10.208.3.10")
            try await driver.create(node)
            #expect(try await driver.execute(NodeCommand(["true"]), on: node.id, fence: fence).exitCode == 0)
            #expect(try await driver.execute(NodeCommand(["false"]), on: node.id, fence: fence).exitCode == 1)
            let input = Data((0..<300_000).map { UInt8(truncatingIfNeeded: $0) })
            let whole = try await driver.execute(NodeCommand(["cat"], input: input), on: node.id, fence: fence)
            #expect(whole.output == input)
            #expect(!whole.isTruncated)
            let part = try await driver.execute(NodeCommand(["cat"], input: input, outputLimit: 1000), on: node.id, fence: fence)
            #expect(part.output == input.prefix(1000))
            #expect(part.isTruncated)
            try await driver.enforce(Fence(operation: "o1", attempt: 2), on: node.id)
        }
    }

    @Test("A file that is missing, too large or no path is told apart", arguments: DriverUnderTest.available)
    func files(driver: DriverUnderTest) async throws {
        try await driver.with { driver, specification in
            let node = specification("n1", "10.208.3.10")
            try await driver.create(node)
            try await driver.put(
                [
                    NodeFile(path: "/srv/new/a b", content: Data("one\0two\n".utf8), mode: 0o600),
                    NodeFile(path: "/srv/new/empty", content: Data()),
                ], on: node.id)
            #expect(try await driver.get("/srv/new/a b", limit: 8, from: node.id) == Data("one\0two\n".utf8))
            #expect(try await driver.get("/srv/new/empty", limit: 0, from: node.id).isEmpty)
            await expect(.notFound) { _ = try await driver.get("/srv/none", limit: 10, from: node.id) }
            await expect(.infrastructure) { _ = try await driver.get("/srv/new/a b", limit: 7, from: node.id) }
            for path in ["relative", "/a/../b", "/a/", ""] {
                await expect(.infrastructure) { try await driver.put([NodeFile(path: path, content: Data())], on: node.id) }
            }
        }
    }

    @Test("A node that is stopped or unknown says so", arguments: DriverUnderTest.available)
    func absence(driver: DriverUnderTest) async throws {
        try await driver.with { driver, specification in
            let node = specification("n1", "10.208.3.10")
            await expect(.notFound) { try await driver.start(node.id) }
            await expect(.notFound) { _ = try await driver.execute(NodeCommand(["true"]), on: node.id, fence: fence) }
            try await driver.create(node)
            try await driver.stop(node.id, grace: .zero)
            await expect(.nodeUnreachable) { _ = try await driver.execute(NodeCommand(["true"]), on: node.id, fence: fence) }
            await expect(.nodeUnreachable) { _ = try await driver.get("/etc/hosts", limit: 1000, from: node.id) }
        }
    }

    @Test("A service can be declared running, stopped and absent, each twice", arguments: DriverUnderTest.available)
    func services(driver: DriverUnderTest) async throws {
        try await driver.with { driver, specification in
            let node = specification("n1", "10.208.3.10")
            try await driver.create(node)
            for state in [ServiceSpecification.State.running, .running, .stopped, .stopped, .running, .absent, .absent] {
                let service = ServiceSpecification(name: "idle", state: state, argv: ["sleep", "1000"])
                try await driver.declare(service, on: node.id, fence: fence)
            }
            await expect(.invalidName) {
                try await driver.declare(ServiceSpecification(name: "../x", state: .running, argv: ["true"]), on: node.id, fence: fence)
            }
        }
    }

    @Test("An exposed port has one address, and another port another", arguments: DriverUnderTest.available)
    func exposure(driver: DriverUnderTest) async throws {
        try await driver.with { driver, specification in
            let node = specification("n1", "10.208.3.10")
            try await driver.create(node)
            let address = try await driver.expose(port: 80, of: node.id)
            #expect(try await driver.expose(port: 80, of: node.id) == address)
            #expect(try await driver.expose(port: 81, of: node.id) != address)
            #expect(address.hasPrefix("127.0.0.1:"))
        }
    }

    @Test("A machine has cores, memory and disk", arguments: DriverUnderTest.available)
    func capacity(driver: DriverUnderTest) async throws {
        try await driver.with { driver, _ in
            let capacity = try await driver.capacity()
            #expect(capacity["cpu"] >= 1000)
            #expect(capacity["memory"] > 1 << 20)
            #expect(capacity["disk"] > 0)
        }
    }
}

func expect(_ code: ProblemCode, sourceLocation: SourceLocation = #_sourceLocation, _ body: () async throws -> Void) async {
    do {
        try await body()
        Issue.record("nothing was refused", sourceLocation: sourceLocation)
    } catch {
        #expect((error as? Problem)?.code == code.rawValue, sourceLocation: sourceLocation)
    }
}
