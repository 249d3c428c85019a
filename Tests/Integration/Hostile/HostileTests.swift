// SPDX-License-Identifier: Apache-2.0

import Foundation
import GuestTesting
import ImpresarioModel
import Testing

/// Every hostile plugin against a real broker, which goes on as if there were none.
@Suite(.serialized, .enabled(if: Prerequisites.hostileObstacle == nil, Prerequisites.hostileComment), .timeLimit(.minutes(5)))
struct HostileTests {
    /// What is asserted leaves room for a machine that builds meanwhile; what was seen is printed.
    static let patience = Duration.seconds(5)

    @Test("A broker bears every hostile plugin: each ends in a problem of its own, and nobody else notices")
    func all() async throws {
        try await Self.with(GuestFixture.hostileNames) { installation in
            let mallory = try Attacker(installation, try await installation.account("mallory"))
            let calm = try Attacker(installation, try await installation.account("calm"))
            let broker = try #require(installation.broker).processIdentifier
            try Self.expectRefusals(in: installation)
            // The first calls make what a broker keeps.
            #expect(await calm.provoke("calm").code == "calm.calm")
            #expect(await mallory.provoke("data-folder").code == "data-folder.held")
            let before = try Footprint(of: broker)

            let watch = Watch()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await watch.run(calm) }
                try await withThrowingTaskGroup(of: Void.self) { attacks in
                    for behaviour in Behaviour.lasting { attacks.addTask { await Self.expect(behaviour, by: mallory) } }
                    for half in 0..<2 {
                        attacks.addTask {
                            for (index, behaviour) in Behaviour.quick.enumerated() where index % 2 == half {
                                await Self.expect(behaviour, by: mallory)
                            }
                        }
                    }
                    attacks.addTask {
                        await Self.expect(Behaviour("calls-host-later", "calls-host-later.first"), by: mallory)
                        await Self.expect(.held("calls-host-later"), by: mallory)
                    }
                    try await attacks.waitForAll()
                }
                await Self.expectQuarantine(by: mallory)
                group.cancelAll()
            }
            try await until("the quarantine is on record") {
                let plugin = try await installation.ask("GET", "/v1/plugins/crash-in-verb")
                return String(decoding: plugin.body, as: UTF8.self).contains("\"quarantined\"")
            }
            let seen = watch.seen
            print("hostile plugins: \(seen.answers) answers meanwhile, the longest after \(seen.longest)")
            #expect(seen.failures == [])
            #expect(seen.answers > 20 && seen.longest < Self.patience)

            try await until("every guest is gone") {
                try await Machine.descendants(of: broker, named: "impresario-guest").isEmpty
            }
            try await until("descriptors are given back") { try Footprint(of: broker).descriptors <= before.descriptors + 8 }
            let after = try Footprint(of: broker)
            print("the broker's memory: \(before.resident >> 20) MiB before, \(after.resident >> 20) MiB after")
            #expect(after.resident < before.resident + 128 << 20)
            #expect(!FileManager.default.fileExists(atPath: "\(FileManager.default.currentDirectoryPath)/core"))
            #expect(try #require(installation.broker).processIdentifier == broker)
        }
    }

    @Test("A plugin that wants to outlive its broker does not")
    func outliving() async throws {
        try await Self.with(["outlives-broker"]) { installation in
            let attacker = try Attacker(installation, try await installation.account())
            let broker = try #require(installation.broker).processIdentifier
            let call = Task { await attacker.provoke("outlives-broker") }
            try await until("it runs") { try await Machine.descendants(of: broker, named: "impresario-guest").count >= 3 }
            let guests = try await Machine.descendants(of: broker, named: "impresario-guest")
            try await installation.kill()
            _ = await call.value
            try await until("its processes are gone") { guests.allSatisfy { !FileManager.default.fileExists(atPath: "/proc/\($0)/exe") } }
        }
    }

    @Test("Without a layer that is required no plugin is loaded, the broker serves, and says so")
    func missingLayer() async throws {
        let (folder, guest) = try Self.guestWithoutPrivilege()
        defer { try? FileManager.default.removeItem(at: folder) }
        try await Self.with(["calm"], arguments: ["--sandbox", "uid", "--guest", guest]) { installation in
            let log = try String(contentsOfFile: installation.log, encoding: .utf8)
            #expect(
                log.contains("no plugin is loaded: sandbox layers are missing") && log.contains("\"code\":\"sandbox-missing\""), "\(log)")
            let attacker = try Attacker(installation, try await installation.account())
            let problem = await attacker.provoke("calm")
            #expect(problem.code == "unknown-type", "it was never loaded: \(problem)")
        }
    }

    /// A guest host that never is root.
    private static func guestWithoutPrivilege() throws -> (folder: URL, script: String) {
        let folder = try GuestFixture.temporaryFolder()
        let (guest, script) = (folder.appending(path: "guest"), folder.appending(path: "without-privilege"))
        try FileManager.default.copyItem(atPath: GuestFixture.guestExecutable, toPath: guest.path)
        let text = "#!/bin/sh\nexec setpriv --reuid 65534 --regid 65534 --clear-groups -- '\(guest.path)' \"$@\"\n"
        try Data(text.utf8).write(to: script)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: script.path)
        return (folder, script.path)
    }

    private static func expect(_ behaviour: Behaviour, by attacker: Attacker) async {
        let problem = await attacker.provoke(behaviour.name)
        print("hostile plugin \(behaviour.name): \(problem)")
        #expect(behaviour.codes.contains(problem.code), "\(behaviour.name): \(problem)")
        #expect(behaviour.words.isEmpty || problem.message.contains(behaviour.words), "\(behaviour.name): \(problem)")
    }

    /// What was said of each library that cannot be used.
    private static func expectRefusals(in installation: Installation) throws {
        let lines = try String(contentsOfFile: installation.log, encoding: .utf8).split(separator: "\n").compactMap {
            try? CanonicalJSON.decode(JSONValue.self, from: Data($0.utf8))
        }
        for behaviour in Behaviour.unloadable {
            let line = lines.first {
                $0["message"] == "plugin not loaded" && $0["file"]?.string?.hasSuffix("/\(behaviour.name).so") == true
            }
            let (code, text) = (line?["code"]?.string ?? "", line?["problem"]?.string ?? "loaded")
            print("hostile plugin \(behaviour.name): \(code): \(text)")
            #expect(
                behaviour.codes.contains(code) && (behaviour.words.isEmpty || text.contains(behaviour.words)),
                "\(behaviour.name): \(code): \(text)")
        }
    }

    private static func expectQuarantine(by attacker: Attacker) async {
        var codes: [String] = []
        for _ in 0..<9 where codes.last != "plugin-quarantined" {
            codes.append(await attacker.provoke("crash-in-verb").code)
        }
        #expect(codes.last == "plugin-quarantined" && Set(codes.dropLast()) == ["plugin-crashed"], "\(codes)")
    }

    private static func with(
        _ names: [String], arguments: [String] = [], _ body: (Installation) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "impresario-hostile-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for name in names { _ = try await GuestFixture.buildHostile(name, into: folder) }
        try await Installation.with(
            arguments: [
                "--plugins", folder.path, "--guest-start", "3s", "--guest-idle", "2s", "--guest-memory", "128Mi", "--log-format", "json",
            ]
                + arguments, body)
    }
}
