// SPDX-License-Identifier: Apache-2.0

import Foundation
import GuestTesting
import ImpresarioModel
import ImpresarioPlugins

extension Benchmark {
    /// Calls into a C plugin in its sandbox: a verb that answers nothing to a small document, one that gives back a document of 64 KiB, a typed operation
    /// by libffi, and a process started for the first call.
    static let guest = Benchmark(subject: "guest") { report in
        try await GuestFixture.with { fixture in
            let add = try await fixture.pool.inspect(library: fixture.library).manifest.types[0].operations.first { $0.id == "add-one" }
            guard let add else { throw Problem(.internal, "The plugin has no operation 'add-one'.") }
            try await measure("guest.call.64B", 2000, report) {
                _ = try await fixture.call(.plan, do: "nothing", params: ["text": .string(String(repeating: "x", count: 64))])
            }
            let text = String(repeating: "x", count: 64 << 10)
            try await measure("guest.call.64KiB", 300, report) {
                let answer = try await fixture.call(.plan, do: "give back", params: ["text": .string(text)])
                guard answer["cluster"]?["params"]?["text"] == .string(text) else { throw Problem(.internal, "Something else came back.") }
            }
            try await measure("guest.operation", 2000, report) { _ = try await fixture.operate(add, ["a": 1]) }
            let memory = try privateMemory(processes(with: fixture.library))
            report.figure("guest.memory.private", memory / 1024, "KiB")
            var starts: [Duration] = []
            for number in 0..<40 {
                try Interruption.check()
                starts.append(
                    try await ContinuousClock().measure { _ = try await fixture.call(.plan, do: "nothing", tenant: "tenant-\(number)") })
            }
            report.figure("guest.start.p50", median(starts) / .milliseconds(1), "ms")
        }
    }

    private static func measure(_ name: String, _ count: Int, _ report: Report, _ call: () async throws -> Void) async throws {
        for _ in 0..<count / 10 { try await call() }
        var times: [Duration] = []
        for _ in 0..<count {
            try Interruption.check()
            times.append(try await ContinuousClock().measure(call))
        }
        report.figure("\(name).p50", median(times) / .microseconds(1), "us")
        report.figure("\(name).p99", times.sorted()[count * 99 / 100] / .microseconds(1), "us")
    }

    /// Bytes that these processes share with nobody, on average.
    private static func privateMemory(_ processes: [Int]) throws -> Double {
        guard !processes.isEmpty else { throw Problem(.internal, "No guest runs.") }
        let sums = try processes.map { process in
            try String(contentsOfFile: "/proc/\(process)/smaps_rollup", encoding: .utf8)
                .matches(of: /Private_(?:Clean|Dirty): +([0-9]+) kB/).reduce(0.0) { $0 + (Double($1.1) ?? 0) * 1024 }
        }
        return sums.reduce(0, +) / Double(sums.count)
    }
}
