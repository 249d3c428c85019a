// SPDX-License-Identifier: Apache-2.0

import Foundation
import GuestTesting
import ImpresarioModel
import ImpresarioPlugins
import Testing

/// A program in the guest's place that speaks garbage: the broker names it and goes on.
@Suite struct HostileGuestTests {
    private static func call(
        _ mode: String, verb: PluginVerb = .bootstrap, options: GuestOptions = GuestOptions(), timeout: Duration = .seconds(15)
    ) async throws
        -> JSONValue
    {
        let folder = try GuestFixture.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let executable = try await GuestFixture.build("garbage", into: folder, shared: false)
        return try await GuestFixture.with(executable: executable, options: options) { fixture in
            let pin = PluginPin(id: mode, version: "1", sha256: "")
            fixture.pool.register(pin, library: "/modes/\(mode)")
            let params: [String: JSONValue] = ["fill": .string(String(repeating: "x", count: 900_000))]
            return try await fixture.pool.call(
                PluginCall(
                    plugin: pin, type: "probe", target: .verb(verb), context: GuestFixture.context(params), tenant: ID("t"),
                    timeout: timeout),
                services: FakeServices())
        }
    }

    @Test(arguments: [
        "short", "version", "length", "long", "kind", "broker-kind", "flags", "ready-junk", "endless", "interleaved", "early-result",
        "random",
        "wrong-call", "second-ready", "result-junk", "result-text", "log-junk", "function", "two-requests", "many-commands", "big-result",
        "oversize-log",
    ])
    func aBrokenFrameEndsTheGuest(mode: String) async throws {
        let problem = await #expect(throws: Problem.self) { try await Self.call(mode) }
        #expect(problem?.code == "plugin-protocol", "\(String(describing: problem))")
        #expect(problem?.detail != nil)
    }

    @Test func anEmptyPacketIsTheEnd() async throws {
        let problem = await #expect(throws: Problem.self) { try await Self.call("empty") }
        // It runs on and is ended for it, or speaks once more and is ended by that: which, is its own choice of moment.
        let isToldToRunOn = problem?.detail?.contains("it closed its connection and ran on") == true
        #expect(problem?.code == "plugin-protocol" && isToldToRunOn || problem?.code == "plugin-crashed", "\(String(describing: problem))")
    }

    @Test func oneThatNeverSpeaksOrReadsIsEndedInTime() async throws {
        var options = GuestOptions()
        options.startTimeout = .milliseconds(300)
        let silent = await #expect(throws: Problem.self) { try await Self.call("silent", options: options) }
        #expect(silent?.code == "plugin-unavailable")
        let deaf = await #expect(throws: Problem.self) { try await Self.call("deaf", timeout: .seconds(2)) }
        #expect(deaf?.code == "deadline-exceeded")
    }

    @Test(arguments: [(PluginVerb.plan, Int64(6)), (.health, 6), (.bootstrap, 0)])
    func theBrokerChecksTheClassOfAHostCallToo(verb: PluginVerb, status: Int64) async throws {
        #expect(try await Self.call("put-anyway", verb: verb)["status"] == .integer(status))
    }
}
