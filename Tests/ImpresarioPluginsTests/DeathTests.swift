// SPDX-License-Identifier: Apache-2.0

import Foundation
import GuestTesting
import ImpresarioModel
import Logging
import Testing

@testable import ImpresarioPlugins

@Suite struct DeathTests {
    @Test(arguments: [("segv", "SIGSEGV"), ("null", "SIGSEGV"), ("abort", "SIGABRT"), ("words", "SIGILL")])
    func aCrashIsAnErrorOnItsCallAndOnNothingElse(what: String, signal: String) async throws {
        try await GuestFixture.with { fixture in
            let services = FakeServices(hangs: true)
            let other = Task { try await fixture.call(do: "exec", services: services, tenant: "t2") }
            try await eventually { services.record.isInExec }
            let problem = await #expect(throws: Problem.self) { try await fixture.call(do: what) }
            #expect(problem?.code == "plugin-crashed" && problem?.isRetryable == true)
            #expect(problem?.facts?["signal"]?.string == signal)
            #expect(problem?.message.contains(signal) == true)
            if what == "words" { #expect(problem?.detail?.contains("first line | second line") == true) }
            let next = try await fixture.call(do: "nothing")
            #expect(next == [:])
            #expect(services.record.isInExec)
            await fixture.pool.shutdown()
            await #expect(throws: Problem.self) { try await other.value }
        }
    }

    @Test func anExitIsTold() async throws {
        try await GuestFixture.with { fixture in
            let problem = await #expect(throws: Problem.self) { try await fixture.call(do: "exit") }
            #expect(problem?.code == "plugin-crashed" && problem?.facts?["exitCode"] == 7)
        }
    }

    @Test func aProcessThatIsStoppedIsEndedAtOnceAndItsLastWordsAreTold() async throws {
        try await GuestFixture.with { fixture in
            let stopped = try await fixture.hostile("stopped")
            #expect(stopped.code == "plugin-crashed" && stopped.facts?["reason"] == "stopped", "\(stopped)")
            #expect(stopped.detail?.contains("stopped by signal 19") == true)
            let aborted = try await fixture.hostile("abort-in-verb")
            #expect(aborted.facts?["signal"] == "SIGABRT" && aborted.detail?.contains("first words | last words") == true, "\(aborted)")
            let gone = try await fixture.hostile("closes-channel")
            #expect(gone.code == "plugin-protocol" && gone.detail?.contains("closed its connection") == true, "\(gone)")
        }
    }

    @Test func aHangIsEndedAtItsDeadline() async throws {
        try await GuestFixture.with { fixture in
            let start = ContinuousClock.now
            let problem = await #expect(throws: Problem.self) { try await fixture.call(do: "hang", timeout: .milliseconds(300)) }
            #expect(problem?.code == "deadline-exceeded")
            #expect(start.duration(to: .now) < .seconds(5))
            let next = try await fixture.call(do: "nothing")
            #expect(next == [:])
        }
    }

    @Test func aHostCallIsCancelledAtTheDeadlineOfItsCall() async throws {
        try await GuestFixture.with { fixture in
            let services = FakeServices(hangs: true)
            let problem = await #expect(throws: Problem.self) {
                try await fixture.call(do: "exec", timeout: .milliseconds(1500), services: services)
            }
            #expect(problem?.code == "deadline-exceeded")
            let record = services.record
            #expect(!record.isInExec && record.commands.count == 2)
        }
    }

    @Test func aCancelledCallIsAskedToStop() async throws {
        try await GuestFixture.with { fixture in
            let services = FakeServices()
            let task = Task { try await fixture.call(do: "wait", services: services) }
            try await eventually { fixture.pool.guestCount == 1 }
            task.cancel()
            let problem = await #expect(throws: Problem.self) { try await task.value }
            #expect(problem?.code == "cancelled")
        }
    }

    @Test func aCancelledCallThatGoesOnIsKilled() async throws {
        var options = GuestOptions()
        options.cancelGrace = .milliseconds(200)
        try await GuestFixture.with(options: options) { fixture in
            let task = Task { try await fixture.call(do: "hang") }
            try await eventually { fixture.pool.guestCount == 1 }
            task.cancel()
            let problem = await #expect(throws: Problem.self) { try await task.value }
            #expect(problem?.code == "cancelled")
        }
    }

    @Test func cancellingDuringAHostCallCancelsThat() async throws {
        try await GuestFixture.with { fixture in
            let services = FakeServices(hangs: true)
            let task = Task { try await fixture.call(do: "exec", services: services) }
            try await eventually { services.record.isInExec }
            task.cancel()
            let problem = await #expect(throws: Problem.self) { try await task.value }
            #expect(problem?.code == "cancelled")
            #expect(!services.record.isInExec)
        }
    }

    @Test func aCrashLoopQuarantinesTheVersionUntilItIsLifted() async throws {
        try await GuestFixture.with { fixture in
            let calm = PluginPin(id: "probe", version: "other", sha256: "1")
            fixture.pool.register(calm, library: fixture.library)
            for _ in 0..<CrashLoopRule.ends {
                let problem = await #expect(throws: Problem.self) { try await fixture.call(do: "words") }
                #expect(problem?.code == "plugin-crashed")
            }
            var loops = fixture.pool.crashLoops.makeAsyncIterator()
            let loop = try #require(await loops.next())
            #expect(loop.pin == fixture.pin && loop.lines == ["first line", "second line"])
            #expect(loop.reason.contains("SIGILL"), "\(loop.reason)")
            let problem = await #expect(throws: Problem.self) { try await fixture.call(do: "nothing", tenant: "t2") }
            #expect(problem?.code == "plugin-quarantined" && problem?.message.contains(loop.reason) == true)
            let answer = try await fixture.pool.call(
                PluginCall(
                    plugin: calm, type: "probe", target: .verb(.plan), context: GuestFixture.context(["do": "nothing"]), tenant: ID("t1"),
                    timeout: .seconds(20)), services: FakeServices())
            #expect(answer == [:])
            // A library that cannot be used is inspected as often as anybody likes.
            let inspection = try await fixture.pool.inspect(library: fixture.library)
            #expect(inspection.manifest.id == "probe")
            await fixture.pool.lift(fixture.pin)
            try await fixture.expectWell()
        }
    }

    @Test func anotherTenantsGoodCallsKeepAVersionOutOfQuarantine() async throws {
        try await GuestFixture.with { fixture in
            try await fixture.expectWell(tenant: "t2")
            var codes: [String] = []
            for _ in 0..<CrashLoopRule.ends + 2 {
                let problem = await #expect(throws: Problem.self) { try await fixture.call(do: "segv") }
                codes.append(problem?.code ?? "")
            }
            // The pauses are waited for up to a second, then told.
            #expect(codes.dropLast().allSatisfy { $0 == "plugin-crashed" } && codes.last == "plugin-unavailable", "\(codes)")
            try await fixture.expectWell(tenant: "t2")
        }
    }

    @Test func inspectingABadLibraryQuarantinesNothing() async throws {
        try await GuestFixture.with { fixture in
            let bad = try await GuestFixture.build("broken", into: fixture.folder, flags: ["-DCRASH_IN_CONSTRUCTOR", "-Wno-unused"])
            for _ in 0..<CrashLoopRule.ends + 1 {
                let problem = await #expect(throws: Problem.self) { try await fixture.pool.inspect(library: bad) }
                #expect(problem?.code == "plugin-crashed")
            }
            try await fixture.expectWell()
        }
    }

    @Test func aQuarantineSetFromOutsideEndsCallsAndIsLiftedAgain() async throws {
        try await GuestFixture.with { fixture in
            try await fixture.expectWell()
            await fixture.pool.quarantine(fixture.pin, reason: "the admin says so")
            let problem = await #expect(throws: Problem.self) { try await fixture.call(do: "nothing") }
            #expect(problem?.code == "plugin-quarantined" && problem?.message.contains("the admin says so") == true)
            try await eventually { fixture.pool.guestCount == 0 }
            await fixture.pool.lift(fixture.pin)
            try await fixture.expectWell()
        }
    }

    @Test func nothingIsLeftOfAPool() async throws {
        let before = descriptors()
        try await GuestFixture.with { fixture in
            _ = try await fixture.call(do: "nothing")
            _ = try? await fixture.call(do: "segv")
            _ = try await fixture.call(do: "nothing", tenant: "t2")
            await fixture.pool.shutdown()
            #expect(fixture.pool.guestCount == 0)
            let problem = await #expect(throws: Problem.self) { try await fixture.call(do: "nothing") }
            #expect(problem?.code == "shutting-down")
            for controller in ["", "memory", "pids", "cpu"] {
                #expect(!FileManager.default.fileExists(atPath: "/sys/fs/cgroup/\(controller)/impresario-\(fixture.installation)"))
            }
        }
        // Other tests of this process open and close descriptors meanwhile.
        try await eventually { descriptors() <= before + 40 }
    }

    @Test func guestsEndWithAPoolThatIsDropped() async throws {
        let folder = try GuestFixture.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let library = try await GuestFixture.build("probe", into: folder)
        var options = GuestOptions()
        options.checksDocuments = false
        var pool: GuestPool? = GuestPool(
            executable: GuestFixture.guestExecutable, installation: "dropped", logger: .init(label: "dropped"), options: options)
        let pin = PluginPin(id: "probe", version: "1", sha256: "")
        pool?.register(pin, library: library)
        _ = try await pool?.call(
            PluginCall(
                plugin: pin, type: "probe", target: .verb(.plan), context: GuestFixture.context([:]), tenant: ID("t"), timeout: .seconds(9)),
            services: FakeServices())
        #expect(!processes(with: library).isEmpty)
        pool = nil
        try await eventually { processes(with: library).isEmpty }
    }
}

extension GuestFixture {
    /// What a call of a hostile plugin ends in.
    func hostile(_ name: String) async throws -> Problem {
        let pin = PluginPin(id: name, version: "1", sha256: "")
        pool.register(pin, library: try await Self.buildHostile(name, into: folder))
        let call = PluginCall(
            plugin: pin, type: name, target: .verb(.plan), context: Self.context([:]), tenant: ID("t1"), timeout: .seconds(20))
        return try #require(await #expect(throws: Problem.self) { try await pool.call(call, services: FakeServices()) })
    }

    /// A call that ends well.
    func expectWell(tenant: String = "t1") async throws {
        let answer = try await call(do: "nothing", tenant: tenant)
        #expect(answer == [:])
    }
}

/// Polls until the condition holds; an issue after 10 s.
func eventually(_ condition: () -> Bool) async throws {
    let end = ContinuousClock.now + .seconds(10)
    while ContinuousClock.now < end {
        if condition() { return }
        try await Task.sleep(for: .milliseconds(5))
    }
    Issue.record("the condition did not come true within 10 s")
}

func descriptors() -> Int { (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count) ?? 0 }
