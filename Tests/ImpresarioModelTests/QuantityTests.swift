// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import ImpresarioModel
import Testing

@Suite("Quantities")
struct QuantityTests {
    @Test(
        "are read into base units",
        arguments: [
            ("500m", "cpu", 500), ("2", "cpu", 2000), ("1.5", "cpu", 1500), ("0.001", "cpu", 1), ("4Gi", "memory", 4 << 30),
            ("1.5Gi", "memory", 3 << 29), ("2k", "disk", 2000), ("7", "node", 7), ("0", "cluster", 0),
            ("8192Pi", "memory", 8192 << 50), ("9223372036854775807", "disk", .max),
        ] as [(String, String, Int64)])
    func areRead(text: String, key: String, expected: Int64) throws {
        if text == "8192Pi" {
            // 2^63: one more than fits.
            #expect(throws: Problem.self) { try Quantity.parse(text, of: key) }
        } else {
            #expect(try Quantity.parse(text, of: key) == expected)
        }
    }

    @Test(
        "that are none are refused, naming the text",
        arguments: [
            ("-1", "cpu"), ("", "cpu"), ("m", "cpu"), ("1e3", "cpu"), ("0.0001", "cpu"), ("1.5", "node"), ("500m", "node"),
            ("1.2.3", "cpu"),
            ("99999999999999999999", "memory"), ("9223372036854775807Ki", "memory"), ("1 Gi", "memory"), ("+1", "cpu"), ("１", "node"),
        ])
    func areRefused(text: String, key: String) {
        let problem = #expect(throws: Problem.self) { try Quantity.parse(text, of: key, field: "/limits/\(key)") }
        #expect(problem?.code == "invalid-quantity")
        #expect(problem?.field == "/limits/\(key)")
        #expect(problem?.message.contains("'\(text)'") == true)
    }

    @Test("written and read again are the same, for any value and resource")
    func roundTrip() throws {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<2000 {
            let value = Int64.random(in: 0...(.max >> Int64.random(in: 0...62)), using: &random)
            for key in ["cpu", "memory", "disk", "node", "license.foo"] {
                #expect(try Quantity.parse(Quantity.format(value, of: key), of: key) == value)
            }
        }
    }

    @Test("that overflow when added are a problem, not a trap")
    func overflow() {
        let large: ResourceVector = ["memory": .max]
        #expect(throws: Problem.self) { try large.adding(["memory": 1]) }
        #expect(throws: Problem.self) { try large.multiplied(by: 2) }
    }

    @Test("in JSON are text or whole numbers, and nothing else")
    func json() throws {
        let vector: ResourceVector = try CanonicalJSON.decode(from: Data(#"{"cpu":"250m","node":3}"#.utf8))
        #expect(vector == ["cpu": 250, "node": 3])
        #expect(String(decoding: try CanonicalJSON.encode(vector), as: UTF8.self) == #"{"cpu":"250m","node":"3"}"#)
        for bad in [#"{"cpu":true}"#, #"{"cpu":1.5}"#, #"{"cpu":-1}"#, #"{"cpu":null}"#] {
            #expect(throws: (any Error).self) { try CanonicalJSON.decode(ResourceVector.self, from: Data(bad.utf8)) }
        }
    }
}
