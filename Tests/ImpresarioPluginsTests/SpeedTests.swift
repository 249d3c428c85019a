// SPDX-License-Identifier: Apache-2.0

import Foundation
import GuestTesting
import ImpresarioModel
import ImpresarioPlugins
import Testing

/// Not a test of correctness: prints figures when IMPRESARIO_MEASURE is set.
@Suite(.serialized, .enabled(if: ProcessInfo.processInfo.environment["IMPRESARIO_MEASURE"] != nil)) struct SpeedTests {
    private func median(_ times: [Duration]) -> Double {
        let sorted = times.sorted()
        return sorted[sorted.count / 2] / .microseconds(1)
    }

    @Test func calls() async throws {
        try await GuestFixture.with { fixture in
            let operation = try await TypedOperationTests.manifest(fixture)[3]
            for _ in 0..<200 { _ = try await fixture.operate(operation, ["a": 1]) }
            var verbs: [Duration] = []
            var operations: [Duration] = []
            var hostCalls: [Duration] = []
            let clock = ContinuousClock()
            for _ in 0..<2000 {
                verbs.append(try await clock.measure { _ = try await fixture.call(.plan, do: "nothing") })
                operations.append(try await clock.measure { _ = try await fixture.operate(operation, ["a": 1]) })
                hostCalls.append(try await clock.measure { _ = try await fixture.call(do: "exec") })
            }
            print("guest-verb-call \(median(verbs)) us")
            print("guest-operation-call \(median(operations)) us")
            print("guest-verb-call-with-one-host-call \(median(hostCalls)) us")
        }
    }

    @Test func starts() async throws {
        try await GuestFixture.with { fixture in
            var starts: [Duration] = []
            for number in 0..<40 {
                starts.append(
                    try await ContinuousClock().measure { _ = try await fixture.call(.plan, do: "nothing", tenant: "t\(number)") })
            }
            print("guest-start-and-first-call \(median(starts)) us")
        }
    }
}
