// SPDX-License-Identifier: Apache-2.0

/// Reads a few members of a record of canonical JSON, and skips the rest: the simulation looks at every commit, and decoding all of it would
/// take most of its time. Nothing here is shared with the broker's own reading.
struct Scanner {
    private let bytes: UnsafeRawBufferPointer
    private var at = 0

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    struct Name {
        fileprivate let bytes: UnsafeRawBufferPointer
        static func ~= (text: StaticString, name: Name) -> Bool {
            text.utf8CodeUnitCount == name.bytes.count && text.withUTF8Buffer { $0.elementsEqual(name.bytes) }
        }
        var text: String { String(decoding: bytes, as: UTF8.self) }
    }

    private var byte: UInt8 { at < bytes.count ? bytes[at] : 0 }

    /// - Parameter visit: reads the value, or leaves it to be skipped.
    mutating func object(_ visit: (Name, inout Scanner) -> Void) {
        guard byte == UInt8(ascii: "{") else { return skip() }
        at += 1
        while at < bytes.count, byte != UInt8(ascii: "}") {
            let name = Name(bytes: UnsafeRawBufferPointer(rebasing: bytes[rawString()]))
            at += 1
            let start = at
            visit(name, &self)
            if at == start { skip() }
            if byte == UInt8(ascii: ",") { at += 1 }
        }
        at += 1
    }

    mutating func array(_ visit: (inout Scanner) -> Void) {
        guard byte == UInt8(ascii: "[") else { return skip() }
        at += 1
        while at < bytes.count, byte != UInt8(ascii: "]") {
            let start = at
            visit(&self)
            if at == start { skip() }
            if byte == UInt8(ascii: ",") { at += 1 }
        }
        at += 1
    }

    /// Names and ids hold nothing that is escaped.
    mutating func string() -> String {
        guard byte == UInt8(ascii: "\"") else {
            skip()
            return ""
        }
        return String(decoding: bytes[rawString()], as: UTF8.self)
    }

    mutating func integer() -> Int {
        let start = at
        skip()
        return Int(String(decoding: bytes[start..<at], as: UTF8.self)) ?? 0
    }

    /// What is between the quotes.
    private mutating func rawString() -> Range<Int> {
        at += 1
        let start = at
        while at < bytes.count, byte != UInt8(ascii: "\"") { at += byte == UInt8(ascii: "\\") ? 2 : 1 }
        at += 1
        return start..<min(at - 1, bytes.count)
    }

    private mutating func skip() {
        var depth = 0
        while at < bytes.count {
            switch byte {
            case UInt8(ascii: "\""): _ = rawString()
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                at += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                if depth == 0 { return }
                depth -= 1
                at += 1
            case UInt8(ascii: ",") where depth == 0: return
            default: at += 1
            }
            if depth == 0, [UInt8(ascii: ","), UInt8(ascii: "}"), UInt8(ascii: "]")].contains(byte) { return }
        }
    }
}
