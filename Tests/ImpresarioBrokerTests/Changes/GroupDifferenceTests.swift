// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel
import Testing

@testable import ImpresarioBroker

@Suite("The difference between what is and what is planned")
struct GroupDifferenceTests {
    /// Any cluster and any plan, a group at a time.
    struct Draw {
        var generator = SystemRandomNumberGenerator()
        let names = ["a", "b", "c", "d"]

        mutating func cluster() -> Cluster {
            var groups: [NodeGroup] = []
            var nodes: [Node] = []
            for name in names where Bool.random(using: &generator) {
                let count = Int.random(in: 1...6, using: &generator)
                groups.append(NodeGroup(name: name, role: name, count: count, flavor: "small"))
                // What an operation left half way: fewer or more than the record says, some of them on their way out.
                for ordinal in 0..<Int.random(in: 0...7, using: &generator) {
                    var node = SampleRecords.node(name, ordinal)
                    node.state =
                        [.planned, .running, .joined, .joined, .joined, .leaving, .lost].randomElement(using: &generator) ?? .joined
                    nodes.append(node)
                }
            }
            return SampleRecords.cluster(groups, nodes)
        }

        mutating func plan() -> [NodeGroup] {
            names.shuffled(using: &generator).filter { _ in Bool.random() }.map {
                NodeGroup(name: $0, role: $0, count: Int.random(in: 0...8, using: &generator), flavor: "small")
            }
        }
    }

    @Test("done, leaves as many nodes as are planned, and nothing more to do")
    func completes() throws {
        var draw = Draw()
        for _ in 0..<2000 {
            let (cluster, plan) = (draw.cluster(), draw.plan())
            let difference = try GroupDifference(of: cluster, to: plan)
            var after = cluster
            after.groups = difference.groups
            for entry in difference.entries {
                #expect(entry.grows >= 0 && entry.shrinks >= 0 && !(entry.grows > 0 && entry.shrinks > 0))
                let staying = after.nodes.filter { $0.group == entry.group.name && $0.state != .leaving }
                after.nodes.removeAll { node in staying.prefix(entry.shrinks).contains { $0.id == node.id } }
                for index in 0..<entry.grows { after.nodes.append(SampleRecords.node(entry.group.name, 100 + index)) }
            }
            for group in plan {
                #expect(after.nodes.count { $0.group == group.name && $0.state != .leaving } == group.count)
            }
            let known = Set(plan.map(\.name))
            #expect(!after.nodes.contains { !known.contains($0.group) && $0.state != .leaving })
            // A group stays on record as long as a node of it is there.
            #expect(Set(after.groups.map(\.name)).isSuperset(of: after.nodes.map(\.group)))
            let again = try GroupDifference(of: after, to: plan)
            #expect(!again.isResize && Set(again.groups).isSubset(of: after.groups))
        }
    }

    @Test("refuses what nodes that stay would have to become, and lets go what is replaced or has no nodes")
    func refusals() throws {
        let group = NodeGroup(name: "a", role: "a", count: 1, flavor: "small", packages: ["p"])
        let cluster = SampleRecords.cluster([group], [SampleRecords.node("a", 0)])
        func change(_ edit: (inout NodeGroup) -> Void) -> NodeGroup {
            var group = group
            edit(&group)
            return group
        }
        func code(_ planned: NodeGroup, isUpgrade: Bool = false) -> String? {
            do throws(Problem) {
                _ = try GroupDifference(of: cluster, to: [planned], isUpgrade: isUpgrade)
                return nil
            } catch { return error.code }
        }
        #expect(code(change { $0.flavor = "large" }) == "cannot-change")
        #expect(code(change { $0.role = "b" }) == "cannot-change")
        #expect(code(change { $0.packages = ["p", "q"] }) == "cannot-change")
        #expect(code(change { $0.packages = ["p", "q"] }, isUpgrade: true) == "cannot-change")
        #expect(code(change { ($0.packages, $0.surge) = (["p", "q"], 1) }) == "cannot-change")
        #expect(code(change { ($0.packages, $0.surge) = (["p", "q"], 1) }, isUpgrade: true) == nil)
        #expect(code(change { ($0.flavor, $0.count) = ("large", 0) }) == nil)
        #expect(code(change { ($0.batch, $0.spread) = (9, .init(by: .zone, mode: .prefer)) }) == nil)
        #expect(code(change { ($0.name, $0.flavor) = ("b", "large") }) == nil)
    }
}

/// Records with nothing in them but what a decision looks at.
enum SampleRecords {
    static func node(_ group: String, _ ordinal: Int, _ state: Node.State = .joined) -> Node {
        Node(
            id: ID("n-\(group)-\(ordinal)"), name: "web-\(group)-\(ordinal)", group: group, ordinal: ordinal, flavor: "small",
            resources: ["cpu": 1], zone: "z", host: "h", address: "10.0.0.1", state: state)
    }

    static func cluster(_ groups: [NodeGroup], _ nodes: [Node]) -> Cluster {
        Cluster(
            id: ID("c1"), name: "web", tenant: ID("t1"), tenantName: "acme", project: ID("p1"), projectName: "shop", type: "sample",
            plugin: PluginPin(id: "sample", version: "1.0.0", sha256: ""), parameters: [:], labels: [:], groups: groups, nodes: nodes,
            endpoints: [], phase: .ready, health: .healthy, conditions: [], version: nil, operation: nil,
            createdAt: Timestamp(milliseconds: 0), updatedAt: Timestamp(milliseconds: 0))
    }
}
