// SPDX-License-Identifier: Apache-2.0

import ImpresarioPluginKit
import PluginTestSupport
import Testing

@testable import SwarmPlugin

@Suite struct MembershipTests {
    private let nodes = [FakeEngines.node(.manager, 0), FakeEngines.node(.worker, 0), FakeEngines.node(.worker, 1)]

    /// What holds after every complete bootstrap of ``nodes``.
    private func expectWhole(_ engines: FakeEngines, _ comment: Comment) {
        #expect(engines.members.count == 3, comment)
        #expect(engines.swarmsBegun == 1, comment)
        #expect(engines.members.values.filter { $0.role == .manager }.map(\.availability) == [.drain], comment)
        #expect(engines.members.values.allSatisfy { $0.state == .ready }, comment)
    }

    @Test func `bootstrap makes one swarm of all nodes and drains the manager`() throws {
        let engines = FakeEngines()
        #expect(try Swarm().bootstrap(engines.call(nodes)).joined == nodes.map(\.id))
        expectWhole(engines, "first attempt")
        #expect(engines.host.commands.allSatisfy { !$0.arguments.joined().contains("worker-1") }, "tokens stay out of arguments")
    }

    @Test(arguments: [false, true]) func `a bootstrap interrupted at any host call is continued`(afterEffect: Bool) throws {
        var interruptions = 0
        for call in 1... {
            let engines = FakeEngines()
            engines.host.interruption = (call, afterEffect)
            do {
                _ = try Swarm().bootstrap(engines.call(nodes))
                break
            } catch is PluginProblem { interruptions += 1 }
            engines.host.interruption = nil
            #expect(try Swarm().bootstrap(engines.call(nodes, attempt: 2)).joined == nodes.map(\.id))
            expectWhole(engines, "interrupted at host call \(call)")
        }
        #expect(interruptions >= 6, "services, files, the engines twice, the token, the joins")
    }

    @Test func `managers without workers take work until the first worker joins`() throws {
        let engines = FakeEngines()
        let managers = (0..<3).map { FakeEngines.node(.manager, $0) }
        _ = try Swarm().bootstrap(engines.call(managers))
        #expect(engines.members.values.allSatisfy { $0.availability == .active })
        let worker = FakeEngines.node(.worker, 0)
        #expect(try Swarm().join(engines.call(managers + [worker]), [worker]).joined == [worker.id])
        #expect(engines.members.values.filter { $0.role == .manager }.allSatisfy { $0.availability == .drain })
        try Swarm().leave(engines.call(managers + [worker]), LeaveRequest(nodes: [worker]))
        #expect(engines.members.count == 3)
        #expect(engines.members.values.allSatisfy { $0.availability == .active })
    }

    @Test(arguments: [false, true]) func `a join interrupted at any host call is continued`(afterEffect: Bool) throws {
        let worker = FakeEngines.node(.worker, 2)
        for call in 1... {
            let engines = FakeEngines()
            _ = try Swarm().bootstrap(engines.call(nodes))
            engines.host.interruption = (engines.host.callCount + call, afterEffect)
            do {
                _ = try Swarm().join(engines.call(nodes + [worker]), [worker])
                break
            } catch is PluginProblem {}
            engines.host.interruption = nil
            #expect(try Swarm().join(engines.call(nodes + [worker], attempt: 2), [worker]).joined == [worker.id])
            #expect(engines.members.count == 4, "interrupted at host call \(call)")
        }
    }

    @Test func `a lost node is forgotten and its replacement of the same name joins`() throws {
        let engines = FakeEngines()
        let managers = (0..<3).map { FakeEngines.node(.manager, $0) }
        _ = try Swarm().bootstrap(engines.call(managers))
        engines.lose(managers[0])
        let lost = FakeEngines.node(.manager, 0, state: "lost")
        for attempt in 1...2 {
            try Swarm().leave(engines.call([lost] + managers.dropFirst(), attempt: attempt), LeaveRequest(nodes: [lost], isLost: true))
            #expect(engines.members.count == 2)
        }
        let replacement = FakeEngines.node(.manager, 0, generation: 1)
        _ = try Swarm().join(engines.call([replacement] + managers.dropFirst()), [replacement])
        #expect(engines.members.values.count { $0.role == .manager && $0.state == .ready } == 3)
        // A late repetition of leave must not take the replacement.
        try Swarm().leave(engines.call([lost, replacement] + managers.dropFirst()), LeaveRequest(nodes: [lost], isLost: true))
        #expect(engines.members.count == 3)
    }

    @Test(arguments: [false, true]) func `a leave interrupted at any host call is continued`(afterEffect: Bool) throws {
        for call in 1... {
            let engines = FakeEngines()
            _ = try Swarm().bootstrap(engines.call(nodes))
            engines.host.interruption = (engines.host.callCount + call, afterEffect)
            do {
                try Swarm().leave(engines.call(nodes), LeaveRequest(nodes: [nodes[2]]))
                break
            } catch is PluginProblem {}
            engines.host.interruption = nil
            try Swarm().leave(engines.call(nodes, attempt: 2), LeaveRequest(nodes: [nodes[2]]))
            #expect(
                engines.members.values.map(\.hostname).sorted() == ["web-manager-0", "web-worker-0"], "interrupted at host call \(call)")
        }
    }

    @Test func `the last manager cannot leave`() throws {
        let engines = FakeEngines()
        _ = try Swarm().bootstrap(engines.call(nodes))
        let problem = #expect(throws: PluginProblem.self) { try Swarm().leave(engines.call(nodes), LeaveRequest(nodes: [nodes[0]])) }
        #expect(problem?.code == "swarm.last-manager")
    }

    @Test func `a cancelled bootstrap stops`() throws {
        let engines = FakeEngines()
        engines.host.isCancelled = true
        let problem = #expect(throws: PluginProblem.self) { try Swarm().bootstrap(engines.call(nodes)) }
        #expect(problem?.status == .cancelled)
    }
}
