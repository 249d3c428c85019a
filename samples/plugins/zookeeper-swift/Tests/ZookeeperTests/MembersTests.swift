// SPDX-License-Identifier: Apache-2.0

import ImpresarioPluginKit
import Testing

@testable import Zookeeper

@Suite struct MembersTests {
    private func node(_ ordinal: Int, _ address: String) -> Node {
        Node(
            id: "n\(ordinal)", name: "web-servers-\(ordinal)", group: "servers", role: "server", ordinal: ordinal, address: address,
            state: "joined", flavor: .init(cpu: 500, memory: 512 << 20, disk: 1 << 30))
    }

    @Test("What a server answers to 'conf' is read, and all servers are told the same list")
    func reading() {
        let nodes = [node(2, "10.0.0.4"), node(0, "10.0.0.2")]
        let text = "server.1=10.0.0.2:2888:3888:participant;127.0.0.1:2181\nserver.3=10.0.0.4:2888:3888:participant;127.0.0.1:2181\n"
        #expect(Members(nodes).text == text && Members(nodes.reversed()).text == text)
        let read = Members(reading: "serverId=1\nmembership: \n\(text)version=100000000\n")
        #expect(read == Members(nodes))
        #expect(Members(reading: "server.1=10.0.0.2:2888:3888:participant\n").counts(node(0, "10.0.0.2")))
        #expect(Members(reading: "This ZooKeeper instance is not currently serving requests\n").byNumber.isEmpty)
    }

    @Test("A replacement with the number of a member is none, and neither is one without a vote")
    func counting() {
        var members = Members([node(0, "10.0.0.2")])
        #expect(members.counts(node(0, "10.0.0.2")) && !members.counts(node(0, "10.0.0.9")) && !members.counts(node(1, "10.0.0.3")))
        members.add(node(1, "10.0.0.3"), hasVote: false)
        #expect(!members.counts(node(1, "10.0.0.3")))
        #expect(members.text.hasSuffix("server.2=10.0.0.3:2888:3888:observer;127.0.0.1:2181\n"))
        #expect(Members.line(for: node(1, "10.0.0.3")) == "server.2=10.0.0.3:2888:3888:participant;127.0.0.1:2181")
    }

    @Test("What servers read names nobody, so that no change of members restarts one")
    func configuration() {
        #expect(!Server(parameters: Parameters()).configuration.contains("server."))
    }
}
