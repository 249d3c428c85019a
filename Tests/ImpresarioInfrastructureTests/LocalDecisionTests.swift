// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioModel
import Testing

@testable import ImpresarioInfrastructure

/// What the local driver decides without touching a machine.
@Suite struct LocalDecisionTests {
    @Test("Names fit what they name, and differ between installations")
    func names() {
        let (one, two) = (LocalNames(installation: "i1"), LocalNames(installation: "i2"))
        let long = ID<Node>(String(repeating: "a", count: 63)), longer = ID<Node>(String(repeating: "a", count: 62) + "b")
        #expect(one.node(long).utf8.count <= 64 && one.node(long) != one.node(longer) && one.node(long) != two.node(long))
        let project = ID<Project>("p1")
        #expect(one.uplink(project).utf8.count <= 15 && one.uplink(project) != two.uplink(project))
        #expect(one.bridgePort(long).utf8.count <= 15)
        #expect(LocalNames(installation: "a-b").table == "impresario_a_b")
    }

    @Test(
        "A node gets an address within the network only",
        arguments: [
            ("10.1.0.0/24", "10.1.0.2", true), ("10.1.0.0/24", "10.1.0.254", true), ("10.1.0.0/24", "10.1.0.1", false),
            ("10.1.0.0/24", "10.1.0.255", false), ("10.1.0.0/24", "10.1.1.5", false), ("10.1.0.0/24", "10.1.0.0", false),
        ])
    func addresses(network: String, address: String, isUsable: Bool) throws {
        let network = try #require(IPv4Network(network))
        #expect(network.canHold(try #require(IPv4Address(address))) == isUsable)
        #expect(network.gateway.description == "10.1.0.1")
    }

    @Test(
        "What is no network or address is refused",
        arguments: ["10.1.0.0", "10.1.0.1/24", "10.1.0.0/31", "10.1.0/24", "a.b.c.d/8", "256.0.0.0/8"])
    func badNetworks(text: String) { #expect(IPv4Network(text) == nil) }

    @Test("Links are drawn apart from those taken, and from the metadata services of clouds")
    func links() throws {
        var taken = Set<String>()
        for number in 0..<300 {
            let link = try #require(Fabric.drawLink(for: "same\(number % 3)", taken: taken))
            let end = try #require(IPv4Address(link)) + 1
            #expect(taken.insert(end.description).inserted)
            #expect(!link.hasPrefix("169.254.169."))
        }
    }

    @Test("A declared service's program keeps its arguments as they are")
    func serviceScript() throws {
        let service = ServiceSpecification(name: "s", state: .running, argv: ["/bin/echo", "it's", "$HOME", ""], env: ["A": "1'2"])
        #expect(
            try ServiceScripts(service).run == "#!/bin/sh\nexec 2>&1\ncd /\nexport A='1'\\''2'\nexec '/bin/echo' 'it'\\''s' '$HOME' ''\n")
        var bad = service
        bad.env = ["A;rm": "x"]
        #expect(throws: Problem.self) { try ServiceScripts(bad) }
        bad = service
        bad.user = "a b"
        #expect(throws: Problem.self) { try ServiceScripts(bad) }
    }

    @Test("A name server on the host's loopback is not given to nodes")
    func resolver() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (first, second) = (folder.appending(path: "a"), folder.appending(path: "b"))
        try Data("nameserver 127.0.0.53\nsearch example.org\n".utf8).write(to: first)
        try Data("nameserver 192.0.2.1\n".utf8).write(to: second)
        #expect(NodeFiles.resolver(from: [first.path, second.path]) == "nameserver 192.0.2.1\n")
        #expect(!NodeFiles.resolver(from: [first.path]).contains("nameserver"))
    }

    @Test("The doctor finds this machine fit where the tests on real nodes pass")
    func doctor() async {
        let findings = await Doctor.examine()
        #expect(findings.allSatisfy { ($0.state == .ok) == ($0.remedy == nil) })
        if LocalFixture.obstacle == nil { #expect(Doctor.isSatisfied(findings), "\(findings.filter { $0.state == .missing })") }
    }
}
