// SPDX-License-Identifier: Apache-2.0

import HashTreeCollections

/// Records of one kind by key: a persistent map, copied for nothing.
struct Table<Value: Sendable>: Sendable, Sequence {
    private var entries = TreeDictionary<String, Entry<Value>>()

    subscript(_ key: String) -> Entry<Value>? {
        get { entries[key] }
        set { entries[key] = newValue }
    }

    var isEmpty: Bool { entries.isEmpty }
    var count: Int { entries.count }
    var underestimatedCount: Int { entries.count }
    /// In no order.
    var values: [Value] { entries.map { $0.value.value } }

    func makeIterator() -> AnyIterator<(key: String, entry: Entry<Value>)> {
        var iterator = entries.makeIterator()
        return AnyIterator { iterator.next().map { (key, value) in (key: key, entry: value) } }
    }
}

/// Keys by another key.
struct Index: Sendable {
    private var keys = TreeDictionary<String, String>()

    subscript(_ name: String) -> String? {
        get { keys[name] }
        set { keys[name] = newValue }
    }

    var isEmpty: Bool { keys.isEmpty }
    var all: [String] { Array(keys.values) }
}
