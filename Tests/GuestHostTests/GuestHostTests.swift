// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import GuestTesting
import Testing

@Suite struct GuestHostTests {
    private func with(_ body: (RawGuest) throws -> Void) async throws {
        let folder = try GuestFixture.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let guest = RawGuest(library: try await GuestFixture.build("probe", into: folder))
        try #require(guest.receive(kind: 1) != nil)
        try body(guest)
    }

    @Test func itServesCallsAndEndsInPeaceWhenTheBrokerHangsUp() async throws {
        try await with { guest in
            for call in 1...3 {
                guest.send(kind: 16, call: UInt64(call), invocation("echo"))
                let result = try #require(guest.receive(kind: 3))
                #expect(result[8] == UInt8(call) && result[24...27] == [0, 0, 0, 0])
            }
            guest.hangUp()
            #expect(guest.end() == 0)
        }
    }

    @Test func itEndsWithTheBrokerInTheMiddleOfAHostCall() async throws {
        try await with { guest in
            guest.send(kind: 16, call: 1, invocation("exec"))
            #expect(guest.receive(kind: 4) != nil)
            guest.hangUp()
            #expect(guest.end() == 0)
        }
    }

    /// The broker knows the outermost process. When that is killed, or its parent dies, nothing may stay behind, however busy the plugin is.
    @Test func nothingOutlivesTheProcessThatTheBrokerKnows() async throws {
        let folder = try GuestFixture.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let library = try await GuestFixture.build("probe", into: folder)
        let guest = RawGuest(library: library)
        try #require(guest.receive(kind: 1) != nil)
        guest.send(kind: 16, call: 1, invocation("hang"))
        #expect(!processes(with: library).isEmpty)
        kill(guest.pid, SIGKILL)
        #expect(guest.end() == 128 + SIGKILL)
        let end = ContinuousClock.now + .seconds(10)
        while !processes(with: library).isEmpty, .now < end { try await Task.sleep(for: .milliseconds(5)) }
        #expect(processes(with: library) == [])
    }

    private static let brokenFrames: [(String, [UInt8])] = [
        ("too short", [1, 16, 0]),
        ("another version", [2, 16, 0, 0] + [UInt8](repeating: 0, count: 20)),
        ("a kind of the guest's", [1, 3, 0, 0] + [UInt8](repeating: 0, count: 20)),
        ("unknown flags", [1, 16, 2, 0] + [UInt8](repeating: 0, count: 20)),
        ("a reserved byte", [1, 16, 0, 1] + [UInt8](repeating: 0, count: 20)),
        ("a wrong length", [1, 16, 0, 0, 5, 0, 0, 0] + [UInt8](repeating: 0, count: 16)),
        ("a packet that is too long", [1, 16, 0, 0] + little(UInt32(70_000)) + [UInt8](repeating: 0, count: 70_016)),
        ("a reply to nothing", [1, 18, 0, 0] + [UInt8](repeating: 0, count: 20)),
        ("a cancel with a payload", [1, 19, 0, 0, 1, 0, 0, 0] + [UInt8](repeating: 0, count: 17)),
        ("a call of id 0", [1, 16, 0, 0] + [UInt8](repeating: 0, count: 20)),
        ("an invocation without fields", [1, 16, 0, 0, 0, 0, 0, 0, 1] + [UInt8](repeating: 0, count: 15)),
    ]

    @Test(arguments: brokenFrames.indices) func aBrokenFrameEndsIt(index: Int) async throws {
        try await with { guest in
            guest.send(Self.brokenFrames[index].1)
            #expect(guest.end() == 70, "\(Self.brokenFrames[index].0)")
        }
    }

    @Test func otherBrokenMessagesEndItToo() async throws {
        try await with { guest in  // a text that is not UTF-8
            guest.send(kind: 16, call: 1, field("probe") + little(UInt32(2)) + little(Int64.max) + little(UInt32(1)) + [0xff])
            #expect(guest.end() == 70)
        }
        try await with { guest in  // a verb that there is not
            guest.send(kind: 16, call: 1, invocation("echo", verb: 12))
            #expect(guest.end() == 70)
        }
        try await with { guest in  // an id that was used
            guest.send(kind: 16, call: 2, invocation("nothing"))
            guest.send(kind: 16, call: 2, invocation("nothing"))
            #expect(guest.end() == 70)
        }
        try await with { guest in  // a reply to another request
            guest.send(kind: 16, call: 1, invocation("exec"))
            #expect(guest.receive(kind: 4) != nil)
            guest.send(kind: 18, call: 1, request: 9, [0, 0, 0, 0, 0])
            #expect(guest.end() == 70)
        }
        try await with { guest in  // a reply with too few outcomes
            guest.send(kind: 16, call: 1, invocation("exec"))
            #expect(guest.receive(kind: 4) != nil)
            guest.send(kind: 18, call: 1, request: 1, [0, 0, 0, 0, 0] + little(UInt32(2)))
            #expect(guest.end() == 70)
        }
        try await with { guest in  // another message inside one
            guest.send(kind: 16, flags: 1, call: 1, [1])
            guest.send(kind: 19, call: 1)
            #expect(guest.end() == 70)
        }
    }

    @Test func aMessageWithoutEndIsRefused() async throws {
        try await with { guest in
            let block = [UInt8](repeating: 0, count: 65_536)
            for _ in 0..<400 { guest.send(kind: 16, flags: 1, call: 1, block) }
            #expect(guest.end() == 70)
        }
    }

    @Test func aLateCancelIsIgnored() async throws {
        try await with { guest in
            guest.send(kind: 16, call: 1, invocation("nothing"))
            #expect(guest.receive(kind: 3) != nil)
            guest.send(kind: 19, call: 1)
            guest.send(kind: 16, call: 2, invocation("nothing"))
            #expect(guest.receive(kind: 3) != nil)
            guest.hangUp()
            #expect(guest.end() == 0)
        }
    }

    @Test(arguments: [["--uid"], ["--uid", "x"], ["--moat", "1"]]) func aWrongCommandLineIsTold(arguments: [String]) {
        let guest = RawGuest(library: "/nothing", arguments: arguments)
        #expect(guest.end() == 64)
    }

    @Test func itEndsWhenItsParentIsNotTheOneItWasToldOf() async throws {
        let folder = try GuestFixture.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let guest = RawGuest(library: try await GuestFixture.build("probe", into: folder), arguments: ["--parent", "1"])
        let code = guest.end()
        #expect(code == 0 || code == 128 + SIGKILL)
    }
}
