// SPDX-License-Identifier: Apache-2.0

import CImpresario
import FoundationEssentials

extension String {
    /// A copy; bytes that are not UTF-8 are replaced.
    init(_ text: imp_str) {
        self.init(decoding: UnsafeRawBufferPointer(start: text.ptr, count: text.ptr == nil ? 0 : text.len), as: UTF8.self)
    }
}

extension Data {
    init(_ bytes: imp_str) {
        self.init(UnsafeRawBufferPointer(start: bytes.ptr, count: bytes.ptr == nil ? 0 : bytes.len))
    }
}

/// C memory for the arguments of one host call, freed together. What the host is given it copies before it returns.
struct Arena: ~Copyable {
    private var blocks: [UnsafeMutableRawPointer] = []

    /// The body's pointers are valid until it returns.
    static func with<Result, Failure: Error>(_ body: (inout Arena) throws(Failure) -> Result) throws(Failure) -> Result {
        var arena = Arena()
        return try body(&arena)
    }

    mutating func text(_ text: String?) -> imp_str {
        guard let text, !text.isEmpty else { return imp_str(ptr: nil, len: 0) }
        return bytes(Array(text.utf8))
    }

    mutating func bytes(_ bytes: some Collection<UInt8>) -> imp_str {
        guard !bytes.isEmpty else { return imp_str(ptr: nil, len: 0) }
        let block = UnsafeMutableBufferPointer<CChar>.allocate(capacity: bytes.count)
        _ = block.update(fromContentsOf: bytes.lazy.map { CChar(bitPattern: $0) })
        return imp_str(ptr: keep(block), len: bytes.count)
    }

    /// Nil for an empty array.
    mutating func array<Element>(_ elements: [Element]) -> UnsafeMutablePointer<Element>? {
        guard !elements.isEmpty else { return nil }
        let block = UnsafeMutableBufferPointer<Element>.allocate(capacity: elements.count)
        _ = block.initialize(fromContentsOf: elements)
        return keep(block)
    }

    private mutating func keep<Element>(_ block: UnsafeMutableBufferPointer<Element>) -> UnsafeMutablePointer<Element>? {
        if let base = block.baseAddress { blocks.append(UnsafeMutableRawPointer(base)) }
        return block.baseAddress
    }

    deinit {
        // Only trivial C values live here, so nothing is to be deinitialised.
        for block in blocks { block.deallocate() }
    }
}
