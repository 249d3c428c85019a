// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioModel

/// Arguments of typed operations, drawn by their declarations.
enum ArgumentSamples {
    static func draw(_ operation: TypedOperation, nodes: [String], _ random: inout SeededRandom) -> [String: JSONValue] {
        var arguments: [String: JSONValue] = [:]
        for parameter in operation.parameters where !parameter.isOut {
            if parameter.isOptional, Bool.random(using: &random) { continue }
            arguments[parameter.name] = value(parameter, nodes: nodes, &random)
        }
        return arguments
    }

    private static func value(_ parameter: TypedParameter, nodes: [String], _ random: inout SeededRandom) -> JSONValue {
        if let schema = parameter.schema, let value = sample(of: schema, &random) { return value }
        func pick(_ values: [JSONValue]) -> JSONValue { values.randomElement(using: &random) ?? .null }
        switch parameter.kind {
        case .bool: return pick([true, false])
        case .i32: return pick([0, 1, -1, .integer(Int64(Int32.max)), .integer(Int64(Int32.min))])
        case .u32: return pick([0, 1, 7, .integer(Int64(UInt32.max))])
        case .i64: return pick([0, 1, -1, .integer(.max), .integer(.min)])
        case .u64: return pick([0, 1, .integer(.max), .string(String(UInt64.max))])
        case .f64: return pick([0, 0.5, -1e9, 1e300])
        case .string: return pick(["", "x", "web", "\u{202E}", .string(String(repeating: "y", count: 5000)), "'; --", "../x"])
        case .json: return pick([nil, [:], [], ["a": [1, nil]], "text", 3])
        case .node: return .string(nodes.randomElement(using: &random) ?? "n-none")
        case .duration: return pick(["0s", "250ms", "1h30m", 5])
        case .bytes: return pick(["", "AAEC", .string(Data(repeating: 0xff, count: 3000).base64EncodedString())])
        case .strings: return pick([[], ["a"], ["", "b", "c c"]])
        }
    }

    private static func sample(of schema: JSONValue, _ random: inout SeededRandom) -> JSONValue? {
        // A sample of an object that has the value as its one member.
        let seed = random.next()
        let whole: JSONValue = ["type": "object", "required": ["value"], "properties": ["value": schema]]
        guard var samples = try? SchemaSamples(whole, random: SeededRandom(seed: seed, "argument")) else { return nil }
        return samples.next()?["value"]
    }
}
