// SPDX-License-Identifier: Apache-2.0

/// A key as the stores compare it: by its UTF-8 bytes.
///
/// Swift's `String` takes `é` and `e` + accent for equal and orders by normal form; databases do not. Bytes are the same everywhere.
struct Key: Hashable, Comparable, Sendable {
    let bytes: [UInt8]

    init(_ text: String) { bytes = Array(text.utf8) }
    init(bytes: [UInt8]) { self.bytes = bytes }

    /// The part before the first slash; all of it when there is none.
    var table: Key { Key(bytes: Array(bytes.prefix { $0 != UInt8(ascii: "/") })) }

    func hasPrefix(_ prefix: Key) -> Bool { bytes.starts(with: prefix.bytes) }

    /// The least key greater than every key that begins with this one; nil when there is none (empty, or all 0xff).
    var successorOfPrefix: Key? {
        guard let last = bytes.lastIndex(where: { $0 != 0xff }) else { return nil }
        var next = Array(bytes[...last])
        next[last] += 1
        return Key(bytes: next)
    }

    static func < (left: Key, right: Key) -> Bool { left.bytes.lexicographicallyPrecedes(right.bytes) }
}
