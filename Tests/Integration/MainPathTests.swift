// SPDX-License-Identifier: Apache-2.0

import ImpresarioClient
import ImpresarioModel
import Testing

extension RealEngines {
    @Suite struct MainPathTests {
        @Test("A tenant gets a swarm of three nodes by one call, uses it with the plain client, and gives it back without a trace")
        func mainPath() async throws {
            try await Installation.with { installation in
                let account = try await installation.account(limits: ["node": 3, "cpu": 1500, "memory": 1536 << 20])
                #expect(try await installation.used(by: account).isEmpty)
                let cluster = try await installation.make(managers: 1, workers: 2, by: account)
                #expect(cluster.phase == .ready && cluster.health == .healthy)
                #expect(cluster.nodes.map(\.state) == [.joined, .joined, .joined])

                let docker = try await installation.docker(of: account)
                #expect(docker.environment["DOCKER_TLS_VERIFY"] == "1")
                #expect(try await docker.states() == ["Ready", "Ready", "Ready"])

                let small: ResourceVector = ["cpu": 500, "memory": 512 << 20, "disk": 4 << 30]
                let expected: ResourceVector = try small.adding(small).adding(small)
                    .adding(["node": 3, "cluster": 1, "cluster.swarm": 1])
                #expect(try await installation.used(by: account) == expected)
                #expect(try await installation.nodesOfDriver() == cluster.nodes.map(\.id.rawValue).sorted())

                let leftovers = Leftovers(installation: try installation.id, folder: installation.folder)
                let devices = try await leftovers.devices()
                #expect(devices.count == 1)
                let existing = try await leftovers.found(devices: devices, isServing: true)
                for kind in ["network namespace", "device", "mount", "loop device", "control group", "rules", "file"] {
                    #expect(existing.contains { $0.hasPrefix("\(kind): ") }, "the search for what is left finds a \(kind)")
                }

                #expect(try await installation.delete(of: account).state == .succeeded)
                #expect(try await installation.used(by: account).isEmpty)
                // Before the broker stops: delete leaves nothing for later.
                #expect(try await installation.nodesOfDriver() == [])
                let left = try await leftovers.found(devices: devices, isServing: true)
                #expect(left == [])
            }
        }
    }
}
