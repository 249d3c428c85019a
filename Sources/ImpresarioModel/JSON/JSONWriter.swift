// SPDX-License-Identifier: Apache-2.0

/// Writes a JSON text into one array of bytes, in the form of ``CanonicalJSON``: a tenth of the time of an encoder, for what is written all the time.
/// Members are the caller's to sort, except those of a ``JSONValue``.
public struct JSONWriter: Sendable {
    public private(set) var bytes: [UInt8] = []
    /// Whether a comma must stand before the next value or member.
    private var needsComma = false

    public init(capacity: Int = 512) { bytes.reserveCapacity(capacity) }

    public mutating func object(_ members: (inout JSONWriter) throws(Problem) -> Void) throws(Problem) {
        try nested("{", "}", members)
    }

    public mutating func array(_ elements: (inout JSONWriter) throws(Problem) -> Void) throws(Problem) {
        try nested("[", "]", elements)
    }

    /// The name of the member whose value is written next.
    public mutating func name(_ name: String) {
        string(name)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    public mutating func string(_ value: String) {
        separate()
        var value = value
        value.withUTF8 { quote($0) }
    }

    public mutating func integer(_ value: some BinaryInteger) { literal(String(value)) }

    /// - Throws: ``Problem`` `internal` for numbers that JSON cannot hold.
    public mutating func value(_ value: JSONValue) throws(Problem) {
        switch value {
        case .null: literal("null")
        case .bool(let value): literal(value ? "true" : "false")
        case .integer(let value): integer(value)
        case .number(let value):
            guard value.isFinite else { throw Problem(.internal, "A number that is not finite cannot be written as JSON.") }
            let text = value.description
            literal(text.hasSuffix(".0") ? String(text.dropLast(2)) : text)
        case .string(let value): string(value)
        case .array(let elements):
            try array { writer throws(Problem) in
                for element in elements { try writer.value(element) }
            }
        case .object(let members):
            try object { writer throws(Problem) in
                for (name, value) in members.sorted(by: { $0.key < $1.key }) {
                    writer.name(name)
                    try writer.value(value)
                }
            }
        }
    }

    private mutating func nested(
        _ open: Unicode.Scalar, _ close: Unicode.Scalar, _ body: (inout JSONWriter) throws(Problem) -> Void
    ) throws(Problem) {
        separate()
        bytes.append(UInt8(ascii: open))
        needsComma = false
        try body(&self)
        bytes.append(UInt8(ascii: close))
        needsComma = true
    }

    private mutating func literal(_ text: String) {
        separate()
        bytes.append(contentsOf: text.utf8)
    }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = true
    }

    private mutating func quote(_ utf8: UnsafeBufferPointer<UInt8>) {
        bytes.append(UInt8(ascii: "\""))
        var from = 0
        for (at, byte) in utf8.enumerated() where byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
            bytes.append(contentsOf: utf8[from..<at])
            bytes.append(contentsOf: Self.escape(byte).utf8)
            from = at + 1
        }
        bytes.append(contentsOf: utf8[from...])
        bytes.append(UInt8(ascii: "\""))
    }

    private static func escape(_ byte: UInt8) -> String {
        switch byte {
        case UInt8(ascii: "\""): "\\\""
        case UInt8(ascii: "\\"): "\\\\"
        case 8: "\\b"
        case 9: "\\t"
        case 10: "\\n"
        case 12: "\\f"
        case 13: "\\r"
        default: "\\u00" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }
    }
}
