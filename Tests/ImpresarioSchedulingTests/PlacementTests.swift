// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel
import ImpresarioScheduling
import Testing

@Suite("Placement")
struct PlacementTests {
    let now = Timestamp(milliseconds: 0)

    func zone(_ name: String, trust: Zone.Trust = .shared) -> Zone { Zone(name: name, trust: trust, allowsEgress: true, createdAt: now) }

    func host(
        _ name: String, zone: String = "z", cpu: Int64 = 4000, memory: Int64 = 8, state: Host.State = .ready,
        overcommit: [String: Int] = [:]
    ) -> Host {
        Host(
            name: name, zone: zone, driver: "local", state: state, capacity: ["cpu": cpu, "memory": memory], overcommit: overcommit,
            labels: [:], createdAt: now)
    }

    func request(_ count: Int, cpu: Int64 = 1000, memory: Int64 = 1, spread: NodeGroup.Spread? = nil, zones: [String]? = nil)
        -> Placement.Request
    {
        Placement.Request(
            tenant: ID("t1"), zones: zones,
            items: (0..<count).map { _ in .init(group: "g", resources: ["cpu": cpu, "memory": memory], spread: spread) })
    }

    @Test("places all nodes or none, and says how many hosts each constraint threw out")
    func gang() throws {
        let inventory = Inventory(zones: [zone("z")], hosts: [host("a"), host("b", state: .cordoned)], clusters: [])
        #expect(throws: Never.self) { try Placement.place(request(4), in: inventory).get() }
        let refusal = #expect(throws: Placement.Refusal.self) { try Placement.place(request(5), in: inventory).get() }
        #expect(refusal?.placed == 4)
        #expect(refusal?.excluded == [.lacks("cpu"): 1, .notReady: 1])
        #expect(refusal?.message.contains("1 not ready, 1 short of cpu") == true)
    }

    @Test("promises as much as overcommit allows and not more")
    func overcommit() {
        let inventory = Inventory(zones: [zone("z")], hosts: [host("a", overcommit: ["cpu": 200])], clusters: [])
        #expect(throws: Never.self) { try Placement.place(request(8), in: inventory).get() }
        #expect(throws: Placement.Refusal.self) { try Placement.place(request(9), in: inventory).get() }
    }

    @Test("spreads over hosts when preferred, and refuses when it must and cannot")
    func spread() throws {
        let inventory = Inventory(zones: [zone("z")], hosts: [host("a"), host("b"), host("c")], clusters: [])
        let preferred = try Placement.place(request(3, spread: .init(by: .host, mode: .prefer)), in: inventory).get()
        #expect(Set(preferred.map(\.host)) == ["a", "b", "c"])
        let refusal = #expect(throws: Placement.Refusal.self) {
            try Placement.place(request(4, spread: .init(by: .host, mode: .require)), in: inventory).get()
        }
        #expect(refusal?.excluded == [.spread: 3])
    }

    @Test("keeps a zone of single trust for the tenant that is there")
    func trust() {
        let other = Cluster.other(tenant: "t2", host: "a", zone: "z")
        let inventory = Inventory(zones: [zone("z", trust: .single)], hosts: [host("a")], clusters: [other])
        let refusal = #expect(throws: Placement.Refusal.self) { try Placement.place(request(1), in: inventory).get() }
        #expect(refusal?.isOnlyTrust == true)
    }

    @Test("stays within the tenant's zones")
    func zones() throws {
        let inventory = Inventory(zones: [zone("y"), zone("z")], hosts: [host("a", zone: "y"), host("b", zone: "z")], clusters: [])
        #expect(try Placement.place(request(2, zones: ["z"]), in: inventory).get().map(\.host) == ["b", "b"])
    }

    @Test("never puts more on a host than it may carry, and gives the same answer twice, for random inventories")
    func properties() throws {
        var random = SplitMix(state: 42)
        for _ in 0..<300 {
            let hosts = (0..<Int.random(in: 1...6, using: &random)).map {
                host("h\($0)", cpu: .random(in: 500...8000, using: &random), memory: .random(in: 1...16, using: &random))
            }
            let inventory = Inventory(zones: [zone("z")], hosts: hosts, clusters: [])
            let request = request(
                .random(in: 1...12, using: &random), cpu: .random(in: 100...3000, using: &random),
                memory: .random(in: 1...4, using: &random))
            let result = Placement.place(request, in: inventory)
            #expect(result == Placement.place(request, in: inventory))
            guard case .success(let places) = result else { continue }
            for host in hosts {
                let count = Int64(places.filter { $0.host == host.name }.count)
                #expect(count * request.items[0].resources["cpu"] <= host.capacity["cpu"])
                #expect(count * request.items[0].resources["memory"] <= host.capacity["memory"])
            }
        }
    }
}

/// Repeats by seed.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}

extension Cluster {
    static func other(tenant: String, host: String, zone: String) -> Cluster {
        let now = Timestamp(milliseconds: 0)
        return Cluster(
            id: ID("c9"), name: "other", tenant: ID(tenant), tenantName: tenant, project: ID("p9"), projectName: "p", type: "sample",
            plugin: PluginPin(id: "sample", version: "1.0.0", sha256: "00"), parameters: [:], labels: [:], groups: [],
            nodes: [
                Node(
                    id: ID("n9"), name: "other-0", group: "g", ordinal: 0, flavor: "s", resources: ["cpu": 1], zone: zone, host: host,
                    address: "10.0.0.9")
            ], endpoints: [], phase: .ready, health: .healthy, conditions: [], version: nil, operation: nil, createdAt: now, updatedAt: now)
    }
}
