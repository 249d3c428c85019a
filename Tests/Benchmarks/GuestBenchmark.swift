// SPDX-License-Identifier: Apache-2.0

import Foundation
import GuestTesting
import ImpresarioModel
import ImpresarioPlugins

extension Benchmark {
    /// Calls into a C plugin in its sandbox, from the cheapest up:
    ///
    /// - `direct-call`, `ffi-call`: a C function called by pointer and by libffi, in one process.
    /// - `yardstick.echo`: a packet to another process and back, with nothing in between. No guest can be faster.
    /// - `frames`: a verb that answers nothing, called over the bare socket of an idle guest by a thread that does nothing else: what guest host
    ///   and sandbox cost. No JSON is written or read on this side.
    /// - `call`: the same through `GuestPool.call` by a task, as the broker does it: the document is written, a guest found, the answer awaited. The
    ///   one of 64 KiB also gives the document back, which is read.
    /// - `operation`: a typed operation with a number in and one out.
    /// - `host-call`: a verb that reads a state value, less one that does nothing.
    static let guest = Benchmark(subject: "guest") { try await measureGuests($0) }

    /// On no actor, as the broker's tasks are; `main.swift` is the main actor's.
    @concurrent private static func measureGuests(_ report: Report) async throws {
        try await GuestFixture.with { fixture in
            try await relayYardsticks(report, folder: fixture.folder)
            try await measureFrames(fixture, report)
            try await measureCalls(fixture, report)
            report.figure("guest.memory.private", try privateMemory(of: fixture.library) / 1024, "KiB")
            try await measureStarts(fixture, report)
        }
    }

    private static func relayYardsticks(_ report: Report, folder: URL) async throws {
        let program = try await GuestFixture.build("yardstick", into: folder, flags: ["-O2", "-lffi"], shared: false)
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: program)
        process.standardOutput = output
        try process.run()
        let text = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Problem(.internal, "The yardstick could not be measured.") }
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: " ")
            if parts.count == 3, let value = Double(parts[1]) { report.figure(String(parts[0]), value, String(parts[2])) }
        }
    }

    private static func measureFrames(_ fixture: GuestFixture, _ report: Report) async throws {
        let guest = RawGuest(library: fixture.library)
        defer {
            guest.hangUp()
            _ = guest.end()
        }
        guard guest.receive(kind: 1) != nil else { throw Problem(.internal, "The guest does not start.") }
        var call: UInt64 = 0
        for (name, size) in [("64B", 64), ("64KiB", 65_000)] {
            let payload = invocation("nothing", verb: 1, filledTo: size)
            try await measure("guest.frames.\(name)", 4000, report) {
                call += 1
                guest.send(kind: 16, call: call, payload)
                guard guest.receive(kind: 3) != nil else { throw Problem(.internal, "The guest ended.") }
            }
        }
    }

    private static func measureCalls(_ fixture: GuestFixture, _ report: Report) async throws {
        let add = try await fixture.pool.inspect(library: fixture.library).manifest.types[0].operations.first { $0.id == "add-one" }
        guard let add else { throw Problem(.internal, "The plugin has no operation 'add-one'.") }
        let small: [String: JSONValue] = ["text": .string(String(repeating: "x", count: 64))]
        try await measure("guest.call.64B", 4000, report) { _ = try await fixture.call(.plan, do: "nothing", params: small) }
        for (name, size) in [("64KiB", 64 << 10), ("900KiB", 900 << 10)] {
            let text = String(repeating: "x", count: size)
            try await measure("guest.call.\(name)", 300, report) {
                let answer = try await fixture.call(.plan, do: "give back", params: ["text": .string(text)])
                guard answer["cluster"]?["params"]?["text"] == .string(text) else { throw Problem(.internal, "Something else came back.") }
            }
        }
        try await measure("guest.operation", 4000, report) { _ = try await fixture.operate(add, ["a": 1]) }
        let services = FakeServices()
        let nothing = median(try await times(of: 4000) { _ = try await fixture.call(.health, do: "nothing", services: services) })
        let get = median(try await times(of: 4000) { _ = try await fixture.call(.health, do: "get", services: services) })
        report.figure("guest.host-call.p50", (get - nothing) / .microseconds(1), "us")
    }

    private static func measureStarts(_ fixture: GuestFixture, _ report: Report) async throws {
        var starts: [Duration] = []
        for number in 0..<40 {
            try Interruption.check()
            let start = ContinuousClock.now
            _ = try await fixture.call(.plan, do: "nothing", tenant: "tenant-\(number)")
            starts.append(start.duration(to: .now))
        }
        report.figure("guest.start.p50", median(starts) / .milliseconds(1), "ms")
    }

    private static func measure(_ name: String, _ count: Int, _ report: Report, _ call: () async throws -> Void) async throws {
        let times = try await times(of: count, call)
        report.figure("\(name).p50", median(times) / .microseconds(1), "us")
        report.figure("\(name).p99", times.sorted()[count * 99 / 100] / .microseconds(1), "us")
    }

    /// Not by `ContinuousClock.measure`, which runs on another executor than its caller.
    private static func times(of count: Int, _ call: () async throws -> Void) async throws -> [Duration] {
        for _ in 0..<count / 10 { try await call() }
        var times: [Duration] = []
        for _ in 0..<count {
            try Interruption.check()
            let start = ContinuousClock.now
            try await call()
            times.append(start.duration(to: .now))
        }
        return times
    }

    /// Bytes that the processes of one guest share with nobody, together.
    private static func privateMemory(of library: String) throws -> Double {
        let all = processes(with: library)
        let sums = try all.map { process in
            try String(contentsOfFile: "/proc/\(process)/smaps_rollup", encoding: .utf8)
                .matches(of: /Private_(?:Clean|Dirty): +([0-9]+) kB/).reduce(0.0) { $0 + (Double($1.1) ?? 0) * 1024 }
        }
        guard !sums.isEmpty else { throw Problem(.internal, "No guest runs.") }
        return sums.reduce(0, +)
    }
}
