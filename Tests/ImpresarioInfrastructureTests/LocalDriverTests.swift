// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioModel
import Testing

@testable import ImpresarioInfrastructure

/// What the local driver promises beyond the contract, on real nodes.
@Suite(.enabled(if: LocalFixture.obstacle == nil, "making containers needs root"))
struct LocalDriverTests {
    private let fence = Fence(operation: "o1", attempt: 1)

    @Test("A link planted by a node touches nothing of the host, and links and special files are refused")
    func plantedLinks() async throws {
        try await LocalFixture.with { fixture in
            let node = fixture.specification()
            let driver = fixture.driver
            try await driver.create(node)
            let mark = "/var/tmp/mark-\(fixture.installation)"
            _ = await Machine.shell("echo host > \(mark); mkdir -p \(mark).d; echo host > \(mark).d/f")
            defer { try? FileManager.default.removeItem(atPath: mark) }
            defer { try? FileManager.default.removeItem(atPath: "\(mark).d") }
            _ = try await driver.shell(
                "mkdir -p /t; ln -s \(mark) /t/link; ln -s \(mark).d /t/folder; mkfifo /t/pipe; mkdir /t/dir", on: node.id)
            for path in ["/t/link", "/t/pipe", "/t/dir"] {
                await expect(.infrastructure) { _ = try await driver.get(path, limit: 100, from: node.id) }
                await expect(.infrastructure) { try await driver.put([NodeFile(path: path, content: Data("node".utf8))], on: node.id) }
            }
            await expect(.notFound) { _ = try await driver.get("/t/folder/f", limit: 100, from: node.id) }
            // Its own folder may be a link; what it leads to is the node's.
            try await driver.put([NodeFile(path: "\(mark).d/f", content: Data("node".utf8))], on: node.id)
            #expect(await Machine.shell("cat \(mark) \(mark).d/f") == "host\nhost\n")
            // Mount points replaced by links lead nowhere on the host, also when the node starts again.
            _ = try await driver.shell(
                "for f in tmp var usr; do umount -l /$f; done; rmdir /tmp && ln -s \(mark).d /tmp; rm -rf /var; ln -s \(mark).d /var",
                on: node.id)
            try await driver.stop(node.id, grace: .zero)
            try await driver.start(node.id)
            _ = try await driver.shell("echo node > /tmp/f; echo node > /var/f; rm -rf /tmp/* /var/*", on: node.id)
            #expect(await Machine.shell("cat \(mark) \(mark).d/f; ls \(mark).d; mount | grep -c \(mark)") == "host\nhost\nf\n0\n")
        }
    }

    @Test("A machine that stands as two hosts has half of itself and its own nodes on each")
    func shares() async throws {
        try await LocalFixture.with { fixture in
            let hosts = try LocalShare.divide(fixture.driver, among: ["east", "west"])
            let (east, west) = (try #require(hosts["east"]), try #require(hosts["west"]))
            let whole = try await fixture.driver.capacity()
            #expect(try await east.capacity()[ResourceVector.memory] == whole[ResourceVector.memory] / 2)
            let node = fixture.specification()
            try await west.create(node)
            try await west.create(node)
            #expect(try await east.list().isEmpty)
            #expect(try await west.list().map(\.id) == [node.id])
            #expect(try await west.shell("echo here", on: node.id) == "here")
            try await west.destroy(node.id)
            #expect(try await fixture.driver.list().isEmpty)
            #expect(throws: Problem.self) { try LocalShare.divide(fixture.driver, among: ["east", "east"]) }
        }
    }

    @Test("No output of a command is lost, however many run at once")
    func wholeOutput() async throws {
        try await LocalFixture.with { fixture in
            let node = fixture.specification()
            try await fixture.driver.create(node)
            try await withThrowingTaskGroup(of: Int.self) { tasks in
                for _ in 0..<40 {
                    tasks.addTask {
                        try await fixture.driver.execute(NodeCommand(["head", "-c", "200000", "/dev/zero"]), on: node.id, fence: fence)
                            .output.count
                    }
                }
                for try await count in tasks { #expect(count == 200_000) }
            }
        }
    }

    @Test("Nodes of a project reach one another; nobody else, and nothing of the host")
    func isolation() async throws {
        try await LocalFixture.with { fixture in
            try await LocalFixture.with { other in
                let (a, b) = (fixture.specification("a", address: "10.208.3.10"), fixture.specification("b", address: "10.208.3.11"))
                let foreign = fixture.specification("f", address: "10.208.3.20", project: ID("p2"))
                // Another broker on this machine, with the same networks.
                let distant = other.specification("d", address: "10.208.3.30")
                let driver = fixture.driver
                try await driver.create(a)
                try await driver.create(b)
                try await driver.create(foreign)
                try await other.driver.create(distant)
                for (driver, node) in [(driver, b), (driver, foreign), (other.driver, distant)] {
                    try await driver.declare(Self.server, on: node.id, fence: fence)
                }
                /// Which of these addresses accept a connection from the node.
                func reached(_ addresses: [String]) async throws -> String {
                    let tries = addresses.map { address in
                        "(timeout 2 bash -c 'exec 3<>/dev/tcp/\(address.replacing(":", with: "/"))' 2>/dev/null && echo \(address)) &"
                    }
                    return try await driver.shell("\(tries.joined(separator: "\n")) wait", on: a.id)
                }
                let neighbours = try await reached(["10.208.3.11:8080", "10.208.3.20:8080", "10.208.3.30:8080"])
                #expect(neighbours == "10.208.3.11:8080")

                let exposed = try await driver.expose(port: 8080, of: foreign.id)
                let distantly = try await other.driver.expose(port: 8080, of: distant.id)
                #expect(exposed != distantly)
                #expect(await Machine.shell("curl -sS -m 3 http://\(exposed)/hostname") == "f\n")
                #expect(await Machine.shell("curl -sS -m 3 http://\(distantly)/hostname") == "d\n")

                // Listeners of the host, on all addresses and on its loopback, and what is exposed.
                try await Machine.listen { ports in
                    let own = await Machine.shell("ip -o -4 address show scope global | grep -oE 'inet [0-9.]+' | cut -c6-").split(
                        separator: "\n")
                    let links = fixture.driver.network.fabrics().flatMap { ["\($0.hostEnd)", "\($0.fabricEnd)"] }
                    let published = [exposed, distantly].compactMap { $0.split(separator: ":").last.flatMap { Int($0) } }
                    let all = (own.map(String.init) + links + ["10.208.3.1"]).flatMap { address in
                        (ports + published).map { "\(address):\($0)" }
                    }
                    #expect(all.count >= 16)
                    let openings = try await reached(all)
                    #expect(openings == "")
                    // They do listen.
                    #expect(await Machine.shell("exec 3<>/dev/tcp/127.0.0.1/\(ports[0]) && echo yes") == "yes\n")
                }
            }
        }
    }

    @Test("A node that may not speak to the world still answers on its exposed port")
    func egress() async throws {
        try await LocalFixture.with { fixture in
            let silent = fixture.specification("s", address: "10.208.3.10", egress: false)
            try await fixture.driver.create(silent)
            try await fixture.driver.declare(Self.server, on: silent.id, fence: fence)
            let address = try await fixture.driver.expose(port: 8080, of: silent.id)
            #expect(await Machine.shell("curl -sS -m 3 http://\(address)/hostname") == "s\n")
            let rules = await Machine.shell(
                "ip netns exec \(fixture.driver.names.fabric(silent.project)) nft list set ip impresario speakers")
            #expect(rules.contains("set speakers") && !rules.contains("10.208.3.10"))
        }
    }

    @Test("A fence kills what earlier attempts left, daemons included, also for a driver that knows nothing of them")
    func fencing() async throws {
        try await LocalFixture.with { fixture in
            let node = fixture.specification()
            try await fixture.driver.create(node)
            try await fixture.driver.declare(
                ServiceSpecification(name: "kept", state: .running, argv: ["sleep", "7777"]), on: node.id, fence: fence)
            _ = try await fixture.driver.shell("setsid sleep 8888 >/dev/null 2>&1 </dev/null &", on: node.id)
            let running = Task {
                try await fixture.driver.execute(
                    NodeCommand(["/bin/sh", "-c", "setsid sleep 8889 & sleep 8890"]), on: node.id,
                    fence: Fence(operation: "test", attempt: 2))
            }
            try await until { await Machine.shell("pgrep -c -f '^sleep 8890$'").hasPrefix("1") }
            let successor = try LocalFixture.make(installation: fixture.installation, directory: fixture.directory).driver
            try await successor.enforce(Fence(operation: "test", attempt: 2), on: node.id)
            func alive() async throws -> String {
                try await successor.shell("ps -eo args | grep -E '^sleep (7777|88)' | sort | tr '\\n' ' '", on: node.id)
            }
            #expect(try await alive() == "sleep 7777 sleep 8889 sleep 8890 ")
            try await successor.enforce(Fence(operation: "test", attempt: 3), on: node.id)
            #expect(try await alive() == "sleep 7777 ")
            #expect(try await running.value.exitCode != 0)
        }
    }

    @Test("A command that outlives its time, or whose task is cancelled, is killed with all its children")
    func timeouts() async throws {
        try await LocalFixture.with { fixture in
            let node = fixture.specification()
            let driver = fixture.driver
            try await driver.create(node)
            let outcome = try await driver.execute(
                NodeCommand(["/bin/sh", "-c", "echo begun; setsid sleep 6661 & sleep 6662"], timeout: .seconds(2)), on: node.id,
                fence: fence)
            #expect(outcome.timedOut && outcome.exitCode == 137)
            #expect(String(decoding: outcome.output, as: UTF8.self) == "begun\n")
            let task = Task { try await driver.execute(NodeCommand(["sleep", "6663"]), on: node.id, fence: fence) }
            try await until { try await driver.shell("pgrep -x sleep -a", on: node.id).contains("6663") }
            task.cancel()
            await expect(.cancelled) { _ = try await task.value }
            let left = try await driver.shell("pgrep -x sleep -a", on: node.id)
            #expect(left == "")
            // A child in the background that keeps the output open does not hold the command.
            let clock = ContinuousClock()
            let elapsed = try await clock.measure {
                let outcome = try await driver.execute(
                    NodeCommand(["/bin/sh", "-c", "sleep 6664 & echo done; exit 3"]), on: node.id, fence: fence)
                #expect(outcome.exitCode == 3 && String(decoding: outcome.output, as: UTF8.self) == "done\n")
            }
            #expect(elapsed < .seconds(10))
        }
    }

    @Test("A node's disk, memory and processors are bounded")
    func bounds() async throws {
        try await LocalFixture.with { fixture in
            let node = fixture.specification()
            let driver = fixture.driver
            try await driver.create(node)
            let full = try await driver.shell(
                "for f in /var/fill /fill /usr/fill; do head -c 600M /dev/zero > $f; rm -f $f; done", on: node.id)
            #expect(full.split(separator: "\n").count == 3 && full.contains("No space left on device"))
            let size = try #require(
                Int64(await Machine.shell("stat -c %s \(driver.state.node(node.id).image)").trimmingCharacters(in: .newlines)))
            #expect(size == 512 << 20)
            let limit = try await driver.shell(
                "cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max 2>/dev/null", on: node.id)
            #expect(limit == "\(256 << 20)")
            let quota = try await driver.shell(
                "cat /sys/fs/cgroup/cpu/cpu.cfs_quota_us 2>/dev/null || cut -d' ' -f1 /sys/fs/cgroup/cpu.max", on: node.id)
            #expect(quota == "50000")
            let greedy = try await driver.execute(
                NodeCommand(["python3", "-c", "x = bytearray(400 << 20)"], timeout: .seconds(20)), on: node.id, fence: fence)
            #expect(greedy.exitCode != 0)
            #expect(try await driver.list().map(\.state) == [.running])
        }
    }

    @Test("A service survives the restart of its node, restarts when its declaration changed, and says why it is not ready")
    func services() async throws {
        try await LocalFixture.with { fixture in
            let node = fixture.specification()
            let driver = fixture.driver
            try await driver.create(node)
            var service = Self.server
            try await driver.declare(service, on: node.id, fence: fence)
            let address = try await driver.expose(port: 8080, of: node.id)
            let first = try await driver.shell("pgrep -f '[h]ttp.server'", on: node.id)
            try await driver.declare(service, on: node.id, fence: fence)
            let second = try await driver.shell("pgrep -f '[h]ttp.server'", on: node.id)
            #expect(second == first)
            _ = try await driver.shell("kill -9 \(first)", on: node.id)
            try await until { await Machine.shell("curl -sS -m 3 http://\(address)/hostname") == "n1\n" }

            try await driver.stop(node.id, grace: .seconds(10))
            try await driver.start(node.id)
            try await until { await Machine.shell("curl -sS -m 3 http://\(address)/hostname") == "n1\n" }
            #expect(try await driver.expose(port: 8080, of: node.id) == address)

            service.env = ["MARK": "it's new"]
            service.user = "nobody"
            try await driver.declare(service, on: node.id, fence: fence)
            let changed = try await driver.shell(
                "tr '\\0' '\\n' < /proc/$(pgrep -f '[h]ttp.server')/environ | grep MARK; ps -o user= -C python3", on: node.id)
            #expect(changed == "MARK=it's new\nnobody")

            let failing = ServiceSpecification(
                name: "failing", state: .running, argv: ["/bin/sh", "-c", "echo no such luck; sleep 0.1"],
                ready: .init(file: "/never", timeout: 1500))
            do {
                try await driver.declare(failing, on: node.id, fence: fence)
                Issue.record("a service that is never ready was declared")
            } catch {
                #expect((error as? Problem)?.message.contains("no such luck") == true)
            }
        }
    }

    @Test("A node that was half made or half destroyed is found by another driver, and destroyed without rest")
    func halves() async throws {
        try await LocalFixture.with { fixture in
            let node = fixture.specification()
            try await fixture.driver.create(node)
            var record = try #require(try fixture.driver.state.node(node.id).read())
            for phase in [NodeRecord.Phase.making, .destroying] {
                record.phase = phase
                try fixture.driver.state.node(node.id).write(record)
                let successor = try LocalFixture.make(installation: fixture.installation, directory: fixture.directory).driver
                #expect(try await successor.list().map(\.state) == [.partial])
                try await successor.create(node)
                #expect(try await successor.list().map(\.state) == [.running])
            }
            // Its folder is lost; what stands in the kernel still shows.
            let unknown = fixture.specification("lost", address: "10.208.3.66")
            try await fixture.driver.create(unknown)
            try FileManager.default.moveItem(atPath: fixture.driver.state.node(unknown.id).path, toPath: "\(fixture.directory.path)/away")
            #expect(try await fixture.driver.list().contains { $0.id == unknown.id && $0.state == .partial })
            try await fixture.driver.destroy(unknown.id)
            #expect(try await fixture.driver.list().map(\.id) == [node.id])
        }
    }

    @Test("When all is destroyed, nothing of the installation is left on the machine")
    func nothingLeft() async throws {
        let fixture = try LocalFixture.make()
        let name = fixture.installation
        let node = fixture.specification()
        try await fixture.driver.create(node)
        try await fixture.driver.declare(Self.server, on: node.id, fence: fence)
        _ = try await fixture.driver.expose(port: 8080, of: node.id)
        // What ip says about other installations' links is not asked.
        let traces = """
            ls /run/netns | grep imp-\(name)-; grep -E 'impresario(-test)?[-/]\(name)' /proc/mounts; losetup -a | grep \(name)
            find /sys/fs/cgroup -path '*impresario/\(name)*' -type d 2>/dev/null; nft list tables | grep \(name); ls -d /run/impresario/\(name)
            ls -A /var/tmp/impresario-test-\(name)/*/ | grep -v :; ip -o link 2>/dev/null | grep \(fixture.driver.names.uplink(node.project))
            pgrep -f 'http.server 8080 --directory /etc' | while read p; do grep -l \(name) /proc/$p/cgroup; done
            """
        let before = await Machine.shell(traces)
        for part in [
            "imp-\(name)-n-", "imp-\(name)-f-", "/dev/loop", "/sys/fs/cgroup/", "impresario_\(name)", "/run/impresario", ": imp", "/proc/",
        ] {
            #expect(before.contains(part))
        }
        #expect(!before.contains("ext4"), "the disk shows in the machine's mounts")
        try await fixture.driver.destroy(node.id)
        try await fixture.driver.removeUnused()
        let after = await Machine.shell(traces).split(separator: "\n").map(String.init)
        // In the installation's own folder the newest skeleton stays, for the next node.
        let skeletons = try FileManager.default.contentsOfDirectory(atPath: fixture.driver.state.skeletons)
        #expect(skeletons.count == 1)
        #expect(
            after.filter { !skeletons.contains($0) } == ["ls: cannot access '/run/impresario/\(name)': No such file or directory"])
        try FileManager.default.removeItem(at: fixture.directory)
    }

    @Test("A container engine of a fetched package runs in a node, and containers run in it")
    func engine() async throws {
        try await LocalFixture.with { fixture in
            var node = fixture.specification(packages: ["docker.io"])
            node.resources["disk"] = 2 << 30
            let driver = fixture.driver
            try await driver.create(node)
            try await driver.declare(
                ServiceSpecification(
                    name: "engine", state: .running, argv: ["dockerd"], ready: .init(exec: ["docker", "version"], timeout: 30_000)),
                on: node.id, fence: fence)
            let said = try await driver.shell(
                """
                mkdir -p /tmp/i/bin /tmp/i/lib64 /tmp/i/lib/x86_64-linux-gnu && cp -L /bin/dash /tmp/i/bin/sh
                for f in $(ldd /bin/dash | grep -oE '/lib[^ ]+'); do mkdir -p /tmp/i/$(dirname $f); cp -L $f /tmp/i/$f; done
                tar -C /tmp/i -c . | docker import - shell >/dev/null && docker run --rm shell /bin/sh -c 'echo inner $((6 * 7))'
                docker info -f '{{.Driver}}'
                """, on: node.id, timeout: .seconds(40))
            #expect(said == "inner 42\noverlay2")
            await expect(.packageUnavailable) {
                try await driver.create(fixture.specification("x", address: "10.208.3.99", packages: ["no-such-package-anywhere"]))
            }
            #expect(try await driver.list().count == 1)
        }
    }

    static let server = ServiceSpecification(
        name: "web", state: .running, argv: ["python3", "-m", "http.server", "8080", "--directory", "/etc"], ready: .init(tcp: 8080))
}
