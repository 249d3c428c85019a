// SPDX-License-Identifier: Apache-2.0

import ImpresarioPluginKit
import Testing

@testable import Zookeeper

@Suite struct DiagnosisTests {
    private let nodes = (0..<3).map { ordinal in
        Node(
            id: "n\(ordinal)", name: "web-servers-\(ordinal)", group: "servers", role: "server", ordinal: ordinal,
            address: "10.0.0.\(ordinal + 2)",
            state: "joined", flavor: .init(cpu: 500, memory: 512 << 20, disk: 1 << 30))
    }

    private func answering(_ mode: String?, endpoint: Bool = true) -> Observation {
        .answering(.init(mode: mode, version: "3.8.0", connections: 1, hasEndpoint: endpoint))
    }

    private func report(_ seen: [Observation]) -> HealthReport {
        Diagnosis(nodes: nodes, observations: Dictionary(uniqueKeysWithValues: zip(nodes.map(\.id), seen))).report()
    }

    @Test("One leader and two followers are healthy")
    func healthy() {
        let report = report([answering("follower"), answering("leader"), answering("follower")])
        #expect(report.health == .healthy && report.version == "3.8.0" && report.conditions == [])
        #expect(report.nodes?.map(\.removalCost) == [1, 101, 1])
    }

    @Test("A lost server is named and the rest is degraded")
    func lost() {
        let report = report([answering("follower"), answering("leader"), .unreachable("It does not run.")])
        #expect(report.health == .degraded)
        #expect(report.conditions?.map(\.type) == ["ServerDown", "QuorumAtRisk"])
        #expect(report.conditions?.first?.message.contains("web-servers-2") == true)
        #expect(report.nodes?.map(\.removable) == [false, false, true])
    }

    @Test("Without a leader nothing works; a silent endpoint is told")
    func quorum() {
        #expect(report([answering(nil), .silent, .silent]).conditions?.map(\.type) == ["ServerDown", "ServerDown", "QuorumLost"])
        #expect(report([answering(nil), .silent, .silent]).health == .unhealthy)
        #expect(report([answering("leader"), answering("leader"), answering("follower")]).health == .unhealthy)
        let dark = report([answering("follower", endpoint: false), answering("leader"), answering("follower")])
        #expect(dark.health == .degraded && dark.conditions?.map(\.type) == ["EndpointDown"])
    }

    @Test("What servers say to 'srvr' is read")
    func reading() {
        let text =
            "Endpoint: yes\nZookeeper version: 3.8.0-${mvngit.commit.id}, built on 2024\nConnections: 7\nMode: follower\nNode count: 5\n"
        #expect(
            Observer.reading(Outcome(exitCode: 0, output: text))
                == .answering(.init(mode: "follower", version: "3.8.0", connections: 7, hasEndpoint: true)))
        #expect(
            Observer.reading(Outcome(exitCode: 0, output: "This ZooKeeper instance is not currently serving requests\n"))
                == .answering(.init(mode: nil, version: nil, connections: 0, hasEndpoint: false)))
        #expect(Observer.reading(Outcome(exitCode: 1, error: "refused")) == .silent)
    }

    @Test("Who follows without a vote is starting, and no quorum counts it")
    func observer() {
        let report = report([answering("follower"), answering("leader"), answering("observer")])
        #expect(report.health == .degraded && report.conditions?.map(\.type) == ["QuorumAtRisk"])
        #expect(report.nodes?.map(\.state) == [.ready, .ready, .starting])
    }
}
