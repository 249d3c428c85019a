// SPDX-License-Identifier: Apache-2.0

import ImpresarioPluginKit
import Testing

@testable import SwarmPlugin

@Suite struct ParameterTests {
    private func context(_ params: JSONValue, network: String = "10.208.3.0/24") -> Context {
        Context(
            operation: .init(id: "o1", kind: "create", attempt: 1), cluster: .init(id: "c1", name: "web", params: params, network: network))
    }

    @Test func `left out parameters get their defaults`() throws {
        let result = try Swarm().validate(context(["workers": 3]))
        #expect(result.params["workers"] == 3)
        #expect(result.params["managers"] == 1)
        #expect(result.params["managerFlavor"] == "small")
        #expect(result.params["addressPool"] == "10.16.0.0/12")
    }

    @Test(
        arguments: [
            (["managers": 0], "/managers"), (["managers": 2], "/managers"), (["managers": 4], "/managers"), (["managers": 7], "/managers"),
            (["workers": -1], "/workers"), (["workers": 501], "/workers"), (["addressPool": "10.208.0.0/12"], "/addressPool"),
            (["addressPool": "10.0.0.0/8"], "/addressPool"), (["addressPool": "172.16.0.0/12"], "/addressPool"),
            (["addressPool": "10.16.0.1/12"], "/addressPool"), (["addressPool": "10.16.0/12"], "/addressPool"),
            (["addressPool": "300.16.0.0/12"], "/addressPool"), (["subnetSize": 12], "/subnetSize"), (["subnetSize": 30], "/subnetSize"),
        ] as [(JSONValue, String)])
    func `wrong parameters are refused with a pointer`(params: JSONValue, field: String) {
        let problem = #expect(throws: PluginProblem.self) { try Swarm().validate(context(params)) }
        #expect(problem?.field == field)
        #expect(problem?.status == .invalid)
        #expect(problem?.owner == .tenant)
    }

    @Test func `two managers are refused with the reason`() {
        let problem = #expect(throws: PluginProblem.self) { try Swarm().validate(context(["managers": 2])) }
        #expect(problem?.code == "swarm.no-quorum-size")
        #expect(problem?.message.contains("majority") == true)
    }

    @Test func `the default pool lies apart from every project's network`() throws {
        let pool = try #require(IPv4Network(Parameters.defaults.addressPool))
        for network in ["10.208.0.0/12", Daemon.bridgePool] { #expect(try !pool.overlaps(#require(IPv4Network(network)))) }
    }

    @Test func `the plan has a group for each role and one endpoint`() throws {
        let plan = try Swarm().plan(context(["managers": 3, "workers": 2, "workerFlavor": "large"]))
        #expect(plan.groups.map(\.name) == ["manager", "worker"])
        #expect(plan.groups.map(\.count) == [3, 2])
        #expect(plan.groups.map(\.flavor) == ["small", "large"])
        #expect(plan.groups[0].batch == 1)
        #expect(plan.endpoints == [.init(name: "docker", group: "manager", port: 2376, expose: .tenant)])
        for package in plan.groups.flatMap({ $0.packages ?? [] }) { #expect(Swarm.packages.contains(package)) }
    }

    @Test func `without workers there is no worker group`() throws {
        #expect(try Swarm().plan(context(["workers": 0])).groups.map(\.name) == ["manager"])
    }

    @Test func `the schema describes every parameter and its default`() throws {
        let properties = try #require(Parameters.schema["properties"]?.object)
        let defaults = try #require(try JSONValue(encoding: Parameters.defaults).object)
        #expect(Set(properties.keys) == Set(defaults.keys))
        for (name, property) in properties {
            #expect(property["default"] == defaults[name])
            #expect(property["title"]?.string?.isEmpty == false && property["description"]?.string?.isEmpty == false)
        }
    }
}
