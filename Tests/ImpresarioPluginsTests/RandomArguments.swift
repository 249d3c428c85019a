// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioModel

/// https://prng.di.unimi.it/splitmix64.c
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}

/// Arguments of every kind, edges more often than chance has them.
enum RandomArguments {
    static func draw(of operation: TypedOperation, with generator: inout SplitMix) -> [String: JSONValue] {
        var arguments: [String: JSONValue] = [:]
        for parameter in operation.parameters where !parameter.isOut { arguments[parameter.name] = value(parameter.kind, &generator) }
        return arguments
    }

    /// As it comes back: seconds as a duration.
    static func normalised(_ value: JSONValue, of kind: String) -> JSONValue {
        // An out sink that is empty is told as null when the result is optional.
        if value == "" || value == [] { return .null }
        return kind == "duration" ? value.integer.map { .string("\($0)s") } ?? value : value
    }

    private static func value(_ kind: TypedParameter.Kind, _ generator: inout SplitMix) -> JSONValue {
        switch kind {
        case .bool: return .bool(Bool.random(using: &generator))
        case .i32: return .integer(Int64(edge(Int32.self, &generator)))
        case .u32: return .integer(Int64(edge(UInt32.self, &generator)))
        case .i64: return .integer(edge(Int64.self, &generator))
        case .u64:
            let number = edge(UInt64.self, &generator)
            return Int64(exactly: number).map { .integer($0) } ?? .string(String(number))
        case .f64:
            let number = Double(bitPattern: generator.next())
            // Whole ones are written as integers, as JSON has one kind of number.
            return number.isFinite && Int64(exactly: number) == nil ? .number(number) : .number(0.1)
        case .string: return .string(text(&generator))
        case .node: return .string("n" + text(&generator))
        case .json:
            return [
                "a": [.string(text(&generator)), nil, .integer(edge(Int64.self, &generator)), ["b": .bool(.random(using: &generator))]]
            ]
        case .duration:
            return .string(["0s", "1ns", "59m59s999ms999us999ns", "292h", "-1h2m3s", "7us"].randomElement(using: &generator) ?? "0s")
        case .bytes:
            let bytes = (0..<Int.random(in: 0...300, using: &generator)).map { _ in UInt8.random(in: 0...255, using: &generator) }
            return .string(Data(bytes).base64EncodedString())
        case .strings: return .array((0..<Int.random(in: 0...5, using: &generator)).map { _ in .string(text(&generator)) })
        }
    }

    private static func edge<Number: FixedWidthInteger>(_ type: Number.Type, _ generator: inout SplitMix) -> Number {
        switch Int.random(in: 0..<5, using: &generator) {
        case 0: .min
        case 1: .max
        case 2: 0
        case 3: Number.random(in: (Number.isSigned ? ~0 : 0)...1, using: &generator)
        default: Number.random(in: .min ... .max, using: &generator)
        }
    }

    /// Anything but NUL, which C text ends with.
    private static func text(_ generator: inout SplitMix) -> String {
        var text = ""
        for _ in 0..<Int.random(in: 0...20, using: &generator) {
            let scalar = Unicode.Scalar(UInt32.random(in: 1...0x10_FFFF, using: &generator))
            text.unicodeScalars.append(scalar ?? "\u{1}")
        }
        return text
    }
}
