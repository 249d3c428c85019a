// SPDX-License-Identifier: Apache-2.0

/// Writes the fields of a message: little-endian numbers, and texts and bytes with their length before them.
struct FieldWriter {
    private(set) var bytes: [UInt8] = []

    init(capacity: Int = 64) { bytes.reserveCapacity(capacity) }

    mutating func byte(_ value: UInt8) { bytes.append(value) }

    mutating func number<Number: FixedWidthInteger>(_ value: Number) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func text(_ value: String) {
        let utf8 = value.utf8
        number(UInt32(utf8.count))
        bytes.append(contentsOf: utf8)
    }

    mutating func block(_ value: some Collection<UInt8>) {
        number(UInt32(value.count))
        bytes.append(contentsOf: value)
    }
}

/// Reads the fields of a message in turn. Everything that does not fit is an error, nothing traps.
struct FieldReader {
    private let bytes: [UInt8]
    private var at = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func byte() throws(FrameError) -> UInt8 { try take(1).first ?? 0 }

    mutating func flag() throws(FrameError) -> Bool {
        let value = try byte()
        guard value <= 1 else { throw FrameError("a flag that is \(value)") }
        return value == 1
    }

    mutating func number<Number: FixedWidthInteger>(_ type: Number.Type = Number.self) throws(FrameError) -> Number {
        let field = try take(MemoryLayout<Number>.size)
        return field.withUnsafeBytes { Number(littleEndian: $0.loadUnaligned(as: Number.self)) }
    }

    mutating func block(max: Int = .max) throws(FrameError) -> ArraySlice<UInt8> {
        let count = Int(try number(UInt32.self))
        guard count <= max else { throw FrameError("a field of \(count) bytes where \(max) are allowed") }
        return try take(count)
    }

    mutating func text(max: Int = .max) throws(FrameError) -> String {
        let field = try block(max: max)
        guard let text = String(validating: field, as: UTF8.self) else { throw FrameError("a text that is not UTF-8") }
        return text
    }

    /// A text without NUL, so that nothing below the broker reads a shorter one.
    mutating func name(max: Int) throws(FrameError) -> String {
        let text = try text(max: max)
        guard !text.utf8.contains(0) else { throw FrameError("a text that holds a NUL") }
        return text
    }

    /// A count of things that take at least `size` bytes each.
    mutating func count(max: Int, size: Int = 4) throws(FrameError) -> Int {
        let count = Int(try number(UInt32.self))
        guard count <= max, count * size <= bytes.count - at else { throw FrameError("a list of \(count) where \(max) are allowed") }
        return count
    }

    func end() throws(FrameError) {
        guard at == bytes.count else { throw FrameError("\(bytes.count - at) bytes behind the last field") }
    }

    private mutating func take(_ count: Int) throws(FrameError) -> ArraySlice<UInt8> {
        guard count <= bytes.count - at else { throw FrameError("a field reaches behind the end of its message") }
        defer { at += count }
        return bytes[at..<at + count]
    }
}
