// SPDX-License-Identifier: Apache-2.0

import CImpresario

/// What a typed operation can take: `Bool`, `Int32`, `UInt32`, `Int64`, `UInt64`, `Double`, `Duration`, `String`, `[String]`, `Data`,
/// ``JSONValue``, ``NodeID``, and optionals of the last five.
public protocol OperationArgument: Sendable {
    /// `IMP_BOOL` … `IMP_STRS`.
    static var type: UInt32 { get }
    /// General-purpose registers or stack slots it takes.
    static var words: Int { get }
    /// Floating-point registers it takes.
    static var doubles: Int { get }
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
    /// None.
    public static var doubles: Int { 0 }
    /// No.
    public static var isOptional: Bool { false }
}

/// What a typed operation can return: the types of ``OperationArgument`` but optionals.
public protocol OperationResult: Sendable {
    /// `IMP_BOOL` … `IMP_STRS`.
    static var type: UInt32 { get }
    /// Stores the value where the host wants it: in a number's place, or in a sink.
    func write(to word: UInt, _ call: borrowing Call) throws
}

/// The arguments of one call in order, as the calling convention brings them.
public struct WordReader: Sendable {
    private var words: ArraySlice<UInt>
    private var doubles: ArraySlice<Double>

    init(words: [UInt], doubles: [Double] = []) {
        self.words = words[...]
        self.doubles = doubles[...]
    }

    /// The next word; 0 behind the last one.
    public mutating func next() -> UInt { words.popFirst() ?? 0 }

    /// The next double; 0 behind the last one.
    public mutating func nextDouble() -> Double { doubles.popFirst() ?? 0 }
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

extension Double: OperationArgument, OperationResult {
    /// `IMP_F64`
    public static var type: UInt32 { UInt32(IMP_F64) }
    /// None: doubles go their own way.
    public static var words: Int { 0 }
    /// One.
    public static var doubles: Int { 1 }
    /// Takes one double.
    public init(reading reader: inout WordReader) throws { self = reader.nextDouble() }
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
