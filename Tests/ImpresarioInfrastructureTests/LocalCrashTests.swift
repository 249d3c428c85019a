// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioModel
import Testing

@testable import ImpresarioInfrastructure

/// The driver's process is killed while it works; another one takes over.
@Suite(.enabled(if: LocalFixture.obstacle == nil, "making containers needs root"))
struct LocalCrashTests {
    @Test("A driver that is killed anywhere in create or destroy leaves what the next one finds, completes and destroys")
    func killedInTheMiddle() async throws {
        try await LocalFixture.with { fixture in
            let (installation, directory) = (fixture.installation, fixture.directory)
            for milliseconds in [3, 15, 30, 45, 60, 75, 90, 120, 180] {
                let node = fixture.specification()
                await #expect(processExitsWith: .signal(SIGKILL)) {
                    [
                        installation = installation as String, directory = directory as URL, node = node as NodeSpecification,
                        milliseconds = milliseconds as Int
                    ] in
                    let driver = try LocalFixture.make(installation: installation, directory: directory).driver
                    LocalCrashTests.die(after: milliseconds)
                    while true {
                        try await driver.create(node)
                        try await driver.destroy(node.id)
                    }
                }
                #expect(try await fixture.driver.list().allSatisfy { $0.id == node.id })
                if milliseconds % 2 == 0 { try await fixture.driver.destroy(node.id) }
                try await fixture.driver.create(node)
                #expect(try await fixture.driver.list() == [NodeStatus(id: node.id, cluster: ID("c1"), state: .running)])
                #expect(try await fixture.driver.shell("cat /etc/hostname", on: node.id) == "n1")
                try await fixture.driver.destroy(node.id)
                try await fixture.driver.removeUnused()
                let rest = await Machine.shell(
                    "ls /run/netns | grep \(installation); losetup -a | grep \(installation); nft list tables | grep \(installation)")
                #expect(rest == "")
            }
        }
    }

    @Test("The commands of a driver that was killed are ended by the next one's fence")
    func killedWhileCommanding() async throws {
        try await LocalFixture.with { fixture in
            let (installation, directory, node) = (fixture.installation, fixture.directory, fixture.specification())
            try await fixture.driver.create(node)
            await #expect(processExitsWith: .signal(SIGKILL)) {
                [
                    installation = installation as String, directory = directory as URL, node = node as NodeSpecification
                ] in
                let driver = try LocalFixture.make(installation: installation, directory: directory).driver
                LocalCrashTests.die(after: 1500)
                _ = try await driver.execute(
                    NodeCommand(["/bin/sh", "-c", "setsid sleep 5551 & sleep 5552"]), on: node.id, fence: Fence(operation: "o7", attempt: 1)
                )
            }
            func sleepers() async throws -> Int {
                try await fixture.driver.shell("ps -eo args | grep -c '^sleep 555'", on: node.id).split(separator: "\n").first.flatMap {
                    Int($0)
                } ?? 0
            }
            #expect(try await sleepers() == 2)
            try await fixture.driver.enforce(Fence(operation: "o7", attempt: 2), on: node.id)
            #expect(try await sleepers() == 0)
        }
    }

    /// From a thread of its own, so that no await of the driver can put it off.
    static func die(after milliseconds: Int) {
        Thread.detachNewThread {
            usleep(UInt32(milliseconds) * 1000)
            kill(getpid(), SIGKILL)
        }
    }
}
