// SPDX-License-Identifier: Apache-2.0

import CImpresario
public import FoundationEssentials

extension Call {
    /// Appends to a sink that the host passed in as a word.
    func append(_ bytes: some Collection<UInt8>, to word: UInt) throws(PluginProblem) {
        guard let sink = OpaquePointer(bitPattern: word) else { return }
        try Arena.with { arena throws(PluginProblem) in
            let block = arena.bytes(bytes)
            try check(host.pointee.out_write(sink, block.ptr, block.len))
        }
    }
}

extension String: OperationArgument, OperationResult {
    /// `IMP_STR`
    public static var type: UInt32 { UInt32(IMP_STR) }
    /// A copy of the C text; empty for NULL.
    public init(reading reader: inout WordReader) throws {
        self = UnsafePointer<CChar>(bitPattern: reader.next()).map(String.init(cString:)) ?? ""
    }
    /// Appends the text to the sink.
    public func write(to word: UInt, _ call: borrowing Call) throws { try call.append(utf8, to: word) }
}

extension NodeID: OperationArgument, OperationResult {
    /// `IMP_NODE`
    public static var type: UInt32 { UInt32(IMP_NODE) }
    /// A copy of the C text.
    public init(reading reader: inout WordReader) throws { self.init(rawValue: try String(reading: &reader)) }
    /// Appends the id to the sink.
    public func write(to word: UInt, _ call: borrowing Call) throws { try rawValue.write(to: word, call) }
}

extension JSONValue: OperationArgument, OperationResult {
    /// `IMP_JSON`
    public static var type: UInt32 { UInt32(IMP_JSON) }
    /// - Throws: `DecodingError` for what is no JSON.
    public init(reading reader: inout WordReader) throws {
        self = try JSONDecoder().decode(JSONValue.self, from: Data(try String(reading: &reader).utf8))
    }
    /// Appends the document to the sink.
    public func write(to word: UInt, _ call: borrowing Call) throws { try call.append(text().utf8, to: word) }
}

extension Data: OperationArgument, OperationResult {
    /// `IMP_BYTES`
    public static var type: UInt32 { UInt32(IMP_BYTES) }
    /// Pointer and size.
    public static var words: Int { 2 }
    /// A copy of the bytes.
    public init(reading reader: inout WordReader) throws {
        let start = UnsafeRawPointer(bitPattern: reader.next())
        let count = Int(reader.next())
        self.init(UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : count))
    }
    /// Appends the bytes to the sink.
    public func write(to word: UInt, _ call: borrowing Call) throws { try call.append(self, to: word) }
}

extension [String]: OperationArgument, OperationResult {
    /// `IMP_STRS`
    public static var type: UInt32 { UInt32(IMP_STRS) }
    /// Pointer and count.
    public static var words: Int { 2 }
    /// Copies of the texts.
    public init(reading reader: inout WordReader) throws {
        let start = UnsafePointer<UnsafePointer<CChar>?>(bitPattern: reader.next())
        let count = Int(reader.next())
        self = UnsafeBufferPointer(start: start, count: start == nil ? 0 : count).map { $0.map(String.init(cString:)) ?? "" }
    }
    /// Appends each text and a NUL behind it to the sink.
    public func write(to word: UInt, _ call: borrowing Call) throws {
        var bytes: [UInt8] = []
        for text in self {
            bytes.append(contentsOf: text.utf8)
            bytes.append(0)
        }
        try call.append(bytes, to: word)
    }
}

/// Arguments that the host passes as a NULL pointer when they are left out.
public protocol OptionalOperationArgument: OperationArgument {}
extension String: OptionalOperationArgument {}
extension NodeID: OptionalOperationArgument {}
extension JSONValue: OptionalOperationArgument {}
extension Data: OptionalOperationArgument {}
extension [String]: OptionalOperationArgument {}

extension Optional: OperationArgument where Wrapped: OptionalOperationArgument {
    /// That of what is wrapped.
    public static var type: UInt32 { Wrapped.type }
    /// That of what is wrapped.
    public static var words: Int { Wrapped.words }
    /// Yes.
    public static var isOptional: Bool { true }
    /// Nil for NULL.
    public init(reading reader: inout WordReader) throws {
        var ahead = reader
        if ahead.next() == 0 {
            for _ in 0..<Wrapped.words { _ = reader.next() }
            self = nil
        } else {
            self = try Wrapped(reading: &reader)
        }
    }
}
