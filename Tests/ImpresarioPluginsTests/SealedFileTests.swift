// SPDX-License-Identifier: Apache-2.0

import CLinux
import Foundation
import Glibc
import GuestTesting
import ImpresarioInfrastructure
import ImpresarioModel
import ImpresarioPlugins
import Testing

/// Large payloads: they pass, and files that are not what they should be end the guest that sent them. `garbage.c` plays the guest.
@Suite struct SealedFileTests {
    @Test(arguments: [60_000, 66_000, 131_000, 196_000, 197_000, 400_000, 1_000_000]) func documentsOfEverySizePassBothWays(size: Int)
        async throws
    {
        try await GuestFixture.with { fixture in
            let text = JSONValue.string(String(repeating: "x", count: size))
            for _ in 0..<3 {
                let answer = try await fixture.call(.plan, do: "give back", params: ["text": text])
                #expect(answer["cluster"]?["params"]?["text"] == text)
            }
        }
    }

    @Test func hostCallsCarryThemToo() async throws {
        try await GuestFixture.with { fixture in
            let answer = try await fixture.call(do: "copy file", services: LargeFile())
            #expect(answer["bytes"] == .integer(Int64(LargeFile.size)))
        }
    }

    private static let faults: [(mode: String, detail: String)] = [
        ("file-unsealed", "is not sealed"), ("file-half-sealed", "is not sealed"), ("file-truncated", "is not sealed"),
        ("file-short", "of another size"), ("file-empty", "of another size"), ("file-gigabyte", "longer than"),
        ("file-none", "without the file"),
        ("file-two", "nobody asked for"), ("file-many", "nobody asked for"), ("file-uninvited", "nobody asked for"),
        ("file-pipe", "no sealed file"), ("file-folder", "no sealed file"), ("file-socket", "no sealed file"),
        ("file-write-only", "cannot be read"),
        ("file-of-log", "may not have"), ("file-with-more", "unknown flags"), ("file-inside", "another message begins"),
    ]

    @Test(arguments: faults.indices) func anotherFileEndsTheGuest(index: Int) async throws {
        let (mode, detail) = Self.faults[index]
        let before = descriptors()
        let folder = try GuestFixture.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let executable = try await GuestFixture.build("garbage", into: folder, shared: false)
        try await GuestFixture.with(executable: executable) { fixture in
            let pin = PluginPin(id: mode, version: "1", sha256: "")
            fixture.pool.register(pin, library: "/modes/\(mode)")
            let problem = await #expect(throws: Problem.self) {
                try await fixture.pool.call(
                    PluginCall(
                        plugin: pin, type: "probe", target: .verb(.plan), context: GuestFixture.context([:]), tenant: ID("t"),
                        timeout: .seconds(15)), services: FakeServices())
            }
            #expect(
                problem?.code == "plugin-protocol" && problem?.detail?.contains(detail) == true, "\(mode): \(String(describing: problem))")
        }
        try await eventually { descriptors() <= before }
    }

    /// The kernel drops what there is no room for, and says so.
    @Test func withoutRoomForADescriptorNothingIsTaken() throws {
        var ends: [Int32] = [-1, -1]
        try #require(clinux_packet_pair(&ends) == 0)
        defer { ends.forEach { close($0) } }
        let file = clinux_sealed_make([1, 2, 3], 3)
        defer { close(file) }
        #expect(clinux_sealed_check(file, 3) == 0 && clinux_sealed_check(file, 4) == -ERANGE)
        #expect(ftruncate(file, 1) == -1 && write(file, "x", 1) == -1)
        for count in 0...3 {
            let files = [Int32](repeating: file, count: count)
            #expect(clinux_packet_send(ends[0], "abc", 3, "de", 2, files, count, 0) == 0)
            var bytes = [UInt8](repeating: 0, count: 10)
            var came: Int32 = -7
            #expect(clinux_packet_receive(ends[1], &bytes, bytes.count, &came, 0) == 5)
            #expect(count == 1 ? came >= 0 : came == (count == 0 ? -1 : -2))
            if came >= 0 { close(came) }
        }
    }
}

/// Nodes with one large file.
private struct LargeFile: HostServices {
    static let size = 3_000_000
    let rest = FakeServices()

    func get(node: String, path: String, limit: Int) async throws(Problem) -> Data { Data(repeating: 7, count: Self.size) }

    func put(_ files: [(node: String, file: NodeFile)]) async throws(Problem) {
        guard files.allSatisfy({ $0.file.content == Data(repeating: 7, count: Self.size) }) else {
            throw Problem(.internal, "something else")
        }
    }

    func execute(_ commands: [(node: String, command: NodeCommand)]) async throws(Problem) -> [CommandOutcome] {
        try await rest.execute(commands)
    }
    func declare(nodes: [String], service: ServiceSpecification) async throws(Problem) {}
    func state(_ key: String) async throws(Problem) -> (value: Data, version: UInt64)? { nil }
    func putState(_ key: String, _ value: Data, expecting: UInt64) async throws(Problem) -> UInt64 { 1 }
    func secret(_ name: String) async throws(Problem) -> (value: Data, version: UInt64)? { nil }
    func putSecret(_ name: String, _ value: Data, expecting: UInt64) async throws(Problem) -> UInt64 { 1 }
    func keyPair(_ name: String, profile: JSONValue) async throws(Problem) -> Data { Data() }
    func issueCertificate(request: String, profile: JSONValue) async throws(Problem) -> Data { Data() }
    func revocationList(authority: String, serials: [String]) async throws(Problem) -> Data { Data() }
    func log(severity: Int, message: String, fields: JSONValue?) {}
    func progress(_ per10000: Int, phase: String) {}
    func event(_ type: String, data: JSONValue) {}
}
