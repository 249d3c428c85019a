// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel
import Testing

@testable import ImpresarioBroker

@Suite("Which nodes go when a group shrinks")
struct VictimChoiceTests {
    typealias Report = HealthReport.NodeReport

    static func reports(_ list: [Report]) -> [String: Report] { Dictionary(list.map { ($0.id, $0) }, uniquingKeysWith: { $1 }) }

    static func names(_ count: Int, _ group: NodeGroup, _ nodes: [Node], _ list: [Report] = []) throws(Problem) -> [String] {
        try VictimChoice.choose(count, from: group, members: nodes, reports: reports(list)).map(\.name)
    }

    let workers = NodeGroup(name: "w", role: "w", count: 0, flavor: "small")
    let voters = NodeGroup(name: "v", role: "v", count: 0, flavor: "small", disruption: .init(maxUnavailable: 1, quorum: true))

    @Test("are those that are missed least: never members, then cheap ones, then the youngest")
    func order() throws {
        let nodes = [
            SampleRecords.node("w", 0), SampleRecords.node("w", 1), SampleRecords.node("w", 2), SampleRecords.node("w", 3, .running),
            SampleRecords.node("w", 4, .planned),
        ]
        let list = [
            Report(id: "n-w-0", state: .ready, removable: true, removalCost: 1),
            Report(id: "n-w-1", state: .ready, removable: true, removalCost: 7),
        ]
        #expect(try Self.names(5, workers, nodes, list) == ["web-w-4", "web-w-3", "web-w-2", "web-w-0", "web-w-1"])
        #expect(try Self.names(2, workers, Array(nodes.prefix(3))) == ["web-w-2", "web-w-1"])
        #expect(try Self.names(0, workers, nodes).isEmpty)
    }

    @Test("are none that the plugin needs, which is told with its reason")
    func refusal() throws {
        let nodes = (0..<3).map { SampleRecords.node("w", $0) }
        let list = [Report(id: "n-w-1", state: .ready, removable: false, reason: "It holds the only copy.")]
        #expect(try Self.names(2, workers, nodes, list) == ["web-w-2", "web-w-0"])
        let problem = #expect(throws: Problem.self) { try Self.names(3, workers, nodes, list) }
        #expect(problem?.code == "not-removable" && problem?.message.contains("web-w-1: It holds the only copy.") == true)
        #expect(problem?.facts?["removable"] == 2)
    }

    @Test("of voters are first those that are away, and never so many that no majority works")
    func quorum() throws {
        let nodes = (0..<5).map { SampleRecords.node("v", $0) }
        let away = [0, 1].map { Report(id: "n-v-\($0)", state: .down, removable: true, removalCost: 100) }
        #expect(try Self.names(4, voters, nodes, away) == ["web-v-1", "web-v-0", "web-v-4", "web-v-3"])
        // Without a majority the engine itself cannot let go of anyone.
        let most = [0, 1, 2].map { Report(id: "n-v-\($0)", state: .down) }
        let problem = #expect(throws: Problem.self) { try Self.names(1, voters, nodes, most) }
        #expect(problem?.code == "not-removable")
        // One that is away and must stay: the others cannot go below it.
        let held = [Report(id: "n-v-0", state: .down, removable: false)]
        #expect(throws: Problem.self) { try Self.names(2, voters, Array(nodes.prefix(3)), held) }
        #expect(try Self.names(5, voters, nodes).count == 5)
    }

    @Test("keeps to these rules whatever there is, and does not depend on the order of the records")
    func properties() {
        for _ in 0..<5000 {
            let group = Bool.random() ? workers : voters
            let isQuorum = group.name == "v"
            let nodes = (0..<Int.random(in: 0...7)).map {
                SampleRecords.node(group.name, $0, [.planned, .running, .joined, .joined, .joined, .lost].randomElement() ?? .joined)
            }
            var list: [Report] = []
            for node in nodes where Int.random(in: 0..<4) > 0 {
                list.append(
                    Report(
                        id: node.id.rawValue, state: [.ready, .ready, .down, .unknown].randomElement() ?? .ready,
                        removable: [nil, true, true, false].randomElement() ?? nil, removalCost: [nil, 0, 1, 2].randomElement() ?? nil))
            }
            let reports = Self.reports(list)
            let count = Int.random(in: 0...nodes.count)
            func choose(_ nodes: [Node]) -> [Node]? {
                try? VictimChoice.choose(count, from: group, members: nodes, reports: reports)
            }
            let chosen = choose(nodes)
            #expect(choose(nodes.shuffled()) == chosen)
            func isMember(_ node: Node) -> Bool { node.state != .planned && node.state != .running }
            func isHeld(_ node: Node) -> Bool { node.state != .planned && reports[node.id.rawValue]?.removable == false }
            guard let chosen else {
                #expect(isQuorum || nodes.count { !isHeld($0) } < count)
                continue
            }
            #expect(chosen.count == count && Set(chosen.map(\.id)).count == count && !chosen.contains(where: isHeld))
            let rest = nodes.filter { node in !chosen.contains { $0.id == node.id } }
            if chosen.contains(where: isMember) { #expect(!rest.contains { !isMember($0) && !isHeld($0) }) }
            if !isQuorum {
                func cost(_ node: Node) -> Int { reports[node.id.rawValue]?.removal_cost ?? 0 }
                let joined = chosen.filter { $0.state == .joined }
                let most = joined.map(cost).max() ?? .min
                #expect(!rest.contains { $0.state == .joined && !isHeld($0) && cost($0) < most })
                if !joined.isEmpty { #expect(!rest.contains { $0.state == .lost && !isHeld($0) }) }
            } else if chosen.contains(where: isMember) {
                // One after another: a majority works before and after each.
                var members = nodes.filter(isMember)
                for node in chosen where isMember(node) {
                    func works(_ node: Node) -> Bool {
                        node.state == .joined && ![.down, .unknown].contains(reports[node.id.rawValue]?.state)
                    }
                    #expect(members.count(where: works) * 2 > members.count)
                    members.removeAll { $0.id == node.id }
                    #expect(members.isEmpty || members.count(where: works) * 2 > members.count)
                }
            }
        }
    }
}
