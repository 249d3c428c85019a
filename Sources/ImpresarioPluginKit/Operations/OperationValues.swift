// SPDX-License-Identifier: Apache-2.0

import CImpresario

/// What a typed operation can take: `Bool`, `Int32`, `UInt32`, `Int64`, `UInt64`, `Duration`, `String`, `[String]`, `Data`, ``JSONValue``,
/// ``NodeID``, and optionals of the last six. (`Double` travels in another class of registers and can only be returned.)
public protocol OperationArgument: Sendable {
    /// `IMP_BOOL` … `IMP_STRS`.
    static var type: UInt32 { get }
    /// General-purpose registers or stack slots it takes.
    static var words: Int { get }
    /// Whether it may be left out without a default.
    static var isOptional: Bool { get }
    /// Takes its words off the reader.
    ///
    /// - Throws: ``PluginProblem`` `IMP_INVALID` for text where JSON was declared.
    init(reading reader: inout WordReader) throws
}

extension OperationArgument {
    /// One.
    public static var words: Int { 1 }
    /// No.
    public static var isOptional: Bool { false }
}

/// What a typed operation can return: the types of ``OperationArgument`` and `Double`.
public protocol OperationResult: Sendable {
    /// `IMP_BOOL` … `IMP_STRS`.
    static var type: UInt32 { get }
    /// Stores the value where the host wants it: in a number's place, or in a sink.
    func write(to word: UInt, _ call: borrowing Call) throws
}

/// The words of one call in order.
public struct WordReader {
    private var rest: ArraySlice<UInt>

    init(_ words: [UInt]) { rest = words[...] }

    /// The next word; 0 behind the last one.
    public mutating func next() -> UInt { rest.popFirst() ?? 0 }
}

/// The id of a node of the cluster; the host has checked that there is one.
public struct NodeID: Hashable, Sendable {
    /// The id.
    public var rawValue: String
}

/// Numbers: the low bits of a word. (The upper ones are not specified: System V AMD64 ABI 3.2.3, AAPCS64 6.4.2.)
public protocol OperationNumber: OperationArgument, OperationResult {
    /// The low bits.
    init(truncating word: UInt)
}

extension OperationNumber {
    /// Takes one word.
    public init(reading reader: inout WordReader) throws { self.init(truncating: reader.next()) }

    /// Stores the number.
    public func write(to word: UInt, _ call: borrowing Call) throws {
        UnsafeMutablePointer<Self>(bitPattern: word)?.pointee = self
    }
}

extension Bool: OperationNumber {
    /// `IMP_BOOL`
    public static var type: UInt32 { UInt32(IMP_BOOL) }
    /// Not 0 in the low byte.
    public init(truncating word: UInt) { self = UInt8(truncatingIfNeeded: word) != 0 }
    /// Stores 0 or 1.
    public func write(to word: UInt, _ call: borrowing Call) throws {
        UnsafeMutablePointer<UInt8>(bitPattern: word)?.pointee = self ? 1 : 0
    }
}

extension Int32: OperationNumber {
    /// `IMP_I32`
    public static var type: UInt32 { UInt32(IMP_I32) }
    /// The low 32 bits.
    public init(truncating word: UInt) { self.init(truncatingIfNeeded: word) }
}

extension UInt32: OperationNumber {
    /// `IMP_U32`
    public static var type: UInt32 { UInt32(IMP_U32) }
    /// The low 32 bits.
    public init(truncating word: UInt) { self.init(truncatingIfNeeded: word) }
}

extension Int64: OperationNumber {
    /// `IMP_I64`
    public static var type: UInt32 { UInt32(IMP_I64) }
    /// All bits.
    public init(truncating word: UInt) { self.init(truncatingIfNeeded: word) }
}

extension UInt64: OperationNumber {
    /// `IMP_U64`
    public static var type: UInt32 { UInt32(IMP_U64) }
    /// All bits.
    public init(truncating word: UInt) { self.init(truncatingIfNeeded: word) }
}

extension Double: OperationResult {
    /// `IMP_F64`
    public static var type: UInt32 { UInt32(IMP_F64) }
    /// Stores the number.
    public func write(to word: UInt, _ call: borrowing Call) throws {
        UnsafeMutablePointer<Double>(bitPattern: word)?.pointee = self
    }
}

extension Duration: OperationNumber {
    /// `IMP_DURATION`
    public static var type: UInt32 { UInt32(IMP_DURATION) }
    /// Nanoseconds.
    public init(truncating word: UInt) { self = .nanoseconds(Int64(truncatingIfNeeded: word)) }
    /// Stores nanoseconds.
    public func write(to word: UInt, _ call: borrowing Call) throws {
        let (seconds, attoseconds) = components
        UnsafeMutablePointer<Int64>(bitPattern: word)?.pointee = seconds &* 1_000_000_000 &+ attoseconds / 1_000_000_000
    }
}
