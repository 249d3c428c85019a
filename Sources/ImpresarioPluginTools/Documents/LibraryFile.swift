// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioModel

/// What a shared library says of itself in its file, without loading it: ELF, 64 bits, little-endian.
struct LibraryFile {
    /// Functions and variables that others could link to, sorted.
    private(set) var exports: [String] = []
    private(set) var hasExecutableStack = false
    private let bytes: Data

    /// - Throws: ``Problem`` `plugin-invalid` when the file is no such library.
    init(path: String) throws(Problem) {
        guard let content = FileManager.default.contents(atPath: path) else {
            throw Problem(.pluginInvalid, "The library '\(path)' cannot be read.", owner: .admin)
        }
        bytes = content
        guard bytes.prefix(6) == Data([0x7f, 0x45, 0x4c, 0x46, 2, 1]), number(16, UInt16.self) == 3 else {
            throw Problem(.pluginInvalid, "'\(path)' is not a shared library of this machine (ELF, 64 bits, little-endian).")
        }
        readSegments()
        readSymbols()
    }

    private mutating func readSegments() {
        let (start, size, count) = (offset(32), Int(number(54, UInt16.self) ?? 0), Int(number(56, UInt16.self) ?? 0))
        for index in 0..<count {
            let at = start + index * size
            // PT_GNU_STACK, PF_X
            if number(at, UInt32.self) == 0x6474_e551, let flags = number(at + 4, UInt32.self) { hasExecutableStack = flags & 1 != 0 }
        }
    }

    /// Of the section of dynamic symbols: what is defined here, global or weak, visible, a function or an object.
    private mutating func readSymbols() {
        let (start, size, count) = (offset(40), Int(number(58, UInt16.self) ?? 0), Int(number(60, UInt16.self) ?? 0))
        var names: Set<String> = []
        for index in 0..<count {
            let section = start + index * size
            guard number(section + 4, UInt32.self) == 11 else { continue }  // SHT_DYNSYM
            let (symbols, length) = (offset(section + 24), offset(section + 32))
            let texts = offset(start + Int(number(section + 40, UInt32.self) ?? 0) * size + 24)
            for at in stride(from: symbols, to: min(symbols + length, bytes.count), by: 24) {
                guard let name = number(at, UInt32.self), let info = number(at + 4, UInt8.self), let other = number(at + 5, UInt8.self),
                    let home = number(at + 6, UInt16.self)
                else { continue }
                let isVisible = (other & 3 == 0 || other & 3 == 3) && [1, 2, 10].contains(info >> 4)
                if home != 0, home != 0xfff1, isVisible, [1, 2, 6, 10].contains(info & 15) { names.insert(text(texts + Int(name))) }
            }
        }
        // The linker's own.
        exports = names.subtracting(["_init", "_fini", "__bss_start", "_edata", "_end"]).sorted()
    }

    private func offset(_ at: Int) -> Int { number(at, UInt64.self).flatMap { Int(exactly: $0) } ?? 0 }

    private func number<Number: FixedWidthInteger>(_ at: Int, _ type: Number.Type) -> Number? {
        guard at >= 0, at <= bytes.count - MemoryLayout<Number>.size else { return nil }
        return bytes.withUnsafeBytes { Number(littleEndian: $0.loadUnaligned(fromByteOffset: at, as: Number.self)) }
    }

    private func text(_ at: Int) -> String {
        guard bytes.indices.contains(at) else { return "" }
        return String(decoding: bytes[at...].prefix { $0 != 0 }.prefix(256), as: UTF8.self)
    }
}
