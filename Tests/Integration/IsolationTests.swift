// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioClient
import ImpresarioModel
import Testing

extension RealEngines {
    /// What nodes, projects and brokers must not reach or notice of one another.
    @Suite struct IsolationTests {
        @Test("From a node neither the broker nor another project's node can be reached, and a peer can")
        func network() async throws {
            try await Installation.with { installation in
                let account = try await installation.account()
                let neighbour = try await installation.account(ofTenant: account.scope.tenant, project: "lab")
                let cluster = try await installation.make(workers: 1, by: account)
                let other = try await installation.make(by: neighbour)
                let node = try #require(cluster.nodes.first { $0.group == "worker" })
                let peer = try #require(cluster.nodes.first { $0.group == "manager" })
                let foreign = other.nodes[0]

                // The swarm's own port, which every manager listens on.
                #expect(try await installation.reached(["\(peer.address):2377"], from: node) == ["\(peer.address):2377"])
                let fromNode = try await installation.reached(["\(foreign.address):2377"], from: node)
                #expect(fromNode == [])
                let fromForeign = try await installation.reached(["\(peer.address):2377", "\(node.address):7946"], from: foreign)
                #expect(fromForeign == [])

                let port = try #require(URL(string: installation.address)?.port)
                let exposed = try #require(other.endpoints.first { $0.name == "docker" }?.addresses.first?.split(separator: ":").last)
                let own = try await Machine.shell("ip -o -4 address show | grep -oE 'inet [0-9.]+' | cut -c6-").lines
                let gateway = node.address.split(separator: ".").dropLast().joined(separator: ".") + ".1"
                let links = own.filter { $0.hasPrefix("169.254.") }
                #expect(!links.isEmpty, "the host's end of the uplink is among its addresses")
                // A listener on all addresses too: the broker's own is on the loopback only.
                try await Self.listening { open in
                    let addresses = Set(own + [gateway, "127.0.0.1"])
                    let all = addresses.flatMap { address in ["\(port)", "\(open)", "\(exposed)"].map { "\(address):\($0)" } }
                    #expect(try await installation.reached(all, from: node) == [])
                    for number in ["\(port)", "\(open)", "\(exposed)"] {
                        let isOpen = try await Machine.shell("exec 3<>/dev/tcp/127.0.0.1/\(number)").succeeded
                        #expect(isOpen, "\(number) listens, as seen from the host")
                    }
                }
            }
        }

        @Test("Two brokers on one machine do not see each other's clusters, and deleting one leaves the other at work")
        func brokers() async throws {
            try await Installation.with { first in
                try await Installation.with { second in
                    let (mine, theirs) = (try await first.account(), try await second.account())
                    // The same names, and so the same networks.
                    let cluster = try await first.make(by: mine)
                    let twin = try await second.make(by: theirs)
                    #expect(cluster.nodes[0].address == twin.nodes[0].address)
                    #expect(try await first.nodesOfDriver() == [cluster.nodes[0].id.rawValue])
                    #expect(try await second.nodesOfDriver() == [twin.nodes[0].id.rawValue])
                    for (installation, account, own) in [(first, mine, cluster), (second, theirs, twin)] {
                        let seen = try await installation.client(account.token) { try await $0.clusters(in: account.scope).all() }
                        #expect(seen.map(\.id) == [own.id])
                    }
                    let refused = try await second.ask("GET", "/v1/whoami", token: mine.token)
                    #expect(refused.status == 401)

                    let docker = try await second.docker(of: theirs)
                    #expect(try await docker.states() == ["Ready"])
                    let operation = try await first.delete(of: mine)
                    #expect(operation.state == .succeeded)
                    try await first.stop()
                    let left = try await Leftovers(installation: first.id, folder: first.folder).found()
                    #expect(left == [])
                    try await first.start()
                    #expect(try await docker.states() == ["Ready"])
                    #expect(try await second.nodesOfDriver() == [twin.nodes[0].id.rawValue])
                }
            }
        }

        private static func listening(_ body: (Int) async throws -> Void) async throws {
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
            defer { close(descriptor) }
            var name = sockaddr_in()
            name.sin_family = sa_family_t(AF_INET)
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            let isListening = withUnsafeMutablePointer(to: &name) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(descriptor, $0, length) == 0 && listen(descriptor, 64) == 0 && getsockname(descriptor, $0, &length) == 0
                }
            }
            try #require(isListening)
            try await body(Int(UInt16(bigEndian: name.sin_port)))
        }
    }
}

extension Installation {
    /// Which of these addresses accept a connection from the node, in order. All are tried at once.
    fileprivate func reached(_ addresses: [String], from node: Node) async throws -> [String] {
        let tries = addresses.map { address in
            "(timeout 2 bash -c 'exec 3<>/dev/tcp/\(address.replacing(":", with: "/"))' 2>/dev/null && echo \(address)) &"
        }
        let answer = try await shell("\(tries.joined(separator: "\n")) wait; echo tried", on: node)
        try #require(answer.lines.last == "tried", "\(answer.text)")
        let open = Set(answer.lines)
        return addresses.filter(open.contains)
    }
}
