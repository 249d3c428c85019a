// SPDX-License-Identifier: Apache-2.0

import ImpresarioPluginKit
import Testing

@testable import SwarmPlugin

@Suite struct DiagnosisTests {
    private let managers = (0..<3).map { FakeEngines.node(.manager, $0) }
    private let worker = FakeEngines.node(.worker, 0)
    private var nodes: [Node] { managers + [worker] }

    private func members(_ change: (inout [Member]) -> Void = { _ in }) -> [Member] {
        var members = nodes.map { node in
            Member(
                id: "id-\(node.id)", hostname: node.name, role: Role(rawValue: node.role) ?? .worker,
                availability: node.role == "manager" ? .drain : .active, state: .ready,
                manager: node.role == "manager" ? .init(isLeader: node == managers[0], reachability: "reachable") : nil)
        }
        change(&members)
        return members
    }

    private func answer(_ node: Node, _ members: [Member]?, hasIPVS: Bool = true, complaint: String? = nil) -> Observation {
        .answering(
            .init(
                info: EngineInfo(
                    version: "20.10.24", swarm: .init(nodeID: "id-\(node.id)", state: .active, hasControl: node.role == "manager")),
                members: node.role == "manager" ? members : nil, hasIPVS: hasIPVS, endpointListens: node.role == "manager" ? true : nil,
                complaint: complaint))
    }

    private func report(_ members: [Member]?, hasIPVS: Bool = true, _ change: (inout [String: Observation]) -> Void = { _ in })
        -> HealthReport
    {
        var observations = Dictionary(uniqueKeysWithValues: nodes.map { ($0.id, answer($0, members, hasIPVS: hasIPVS)) })
        change(&observations)
        return Diagnosis(nodes: nodes, observations: observations).report()
    }

    @Test func `all ready is healthy and names the version`() {
        let report = report(members())
        #expect(report.health == .healthy)
        #expect(report.conditions == [])
        #expect(report.version == "20.10.24")
        #expect(report.nodes?.map(\.state) == [.ready, .ready, .ready, .ready])
        #expect(report.nodes?.map(\.removalCost) == [200, 100, 100, 0])
    }

    @Test func `a kernel without ip_vs is a warning, not a fault`() {
        let report = report(members(), hasIPVS: false)
        #expect(report.health == .healthy)
        #expect(report.conditions?.map(\.type) == ["IngressUnavailable"])
    }

    @Test func `one manager down is degraded and no further one is removable`() {
        let report = report(
            members {
                $0[1].state = .down; $0[1].manager?.reachability = "unreachable"
            }
        ) { $0[managers[1].id] = .unreachable("gone") }
        #expect(report.health == .degraded)
        #expect(report.conditions?.map(\.type) == ["QuorumAtRisk"])
        #expect(report.nodes?.map(\.state) == [.ready, .down, .ready, .ready])
        #expect(report.nodes?.map(\.removable) == [false, true, false, true])
    }

    @Test func `no quorum is unhealthy and says what to do`() {
        let report = report(nil) {
            $0[managers[0].id] = answer(managers[0], nil, complaint: "no leader")
            $0[managers[1].id] = .unreachable("gone")
            $0[managers[2].id] = .hesitating(version: "20.10.24")
        }
        #expect(report.health == .unhealthy)
        #expect(report.conditions?.first?.type == "QuorumLost")
        #expect(report.nodes?.map(\.state) == [.unknown, .down, .unknown, .unknown])
    }

    @Test func `a new leader that knows nothing of the workers yet is no outage`() {
        #expect(report(members { $0[3].state = .unknown }).health == .degraded)
    }

    @Test func `without a node that runs work the cluster is unhealthy`() {
        let report = report(members { $0[3].state = .down })
        #expect(report.health == .unhealthy)
        #expect(report.conditions?.map(\.type) == ["NoWorkingNode"])
    }

    @Test func `a silent engine, a closed endpoint and a stranger are told`() {
        let stranger = Member(id: "x", hostname: "else", role: .worker, availability: .active, state: .ready)
        let all = members { $0.append(stranger) }
        let report = report(all) { observations in
            observations[worker.id] = .silent("exit code 3")
            if case .answering(var answer) = observations[managers[2].id] {
                answer.endpointListens = false
                observations[managers[2].id] = .answering(answer)
            }
        }
        #expect(report.health == .degraded)
        #expect(report.nodes?.last?.state == .down)
        #expect(Set(report.conditions?.map(\.type) ?? []) == ["EndpointDown", "ForeignMember"])
    }

    @Test func `what the look prints is read back`() throws {
        let outcome = Outcome(
            exitCode: 0,
            output: """
                info {"version":"20.10.24","swarm":{"NodeID":"id1","NodeAddr":"10.0.0.1","LocalNodeState":"active","ControlAvailable":true,"Error":"","Nodes":2}}
                ipvs yes
                member {"id":"id1","hostname":"a","role":"manager","availability":"drain","state":"ready","message":"","manager":{"Leader":true,"Reachability":"reachable","Addr":"x"}}
                member {"id":"id2","hostname":"b","role":"worker","availability":"active","state":"down","message":"heartbeat failure","manager":null}
                busy b
                busy b
                endpoint up
                """)
        guard case .answering(let answer) = try Engine.observation(of: outcome, isManager: true) else {
            Issue.record("it answers")
            return
        }
        #expect(answer.members?.map(\.id) == ["id1", "id2"])
        #expect(answer.members?.first?.manager?.isLeader == true)
        #expect(answer.busy == ["b", "b"] && answer.hasIPVS && answer.endpointListens == true)
        #expect(
            try Engine.observation(of: Outcome(exitCode: 0, output: "version 20.10.24"), isManager: true)
                == .hesitating(version: "20.10.24"))
        #expect(try Engine.observation(of: Outcome(exitCode: 3, error: "down"), isManager: true) == .silent("exit code 3; down"))
    }
}
