// SPDX-License-Identifier: Apache-2.0

import CImpresario

/// C functions that the host can be given. A C function cannot carry a value with it, so each stands for a fixed place in the tables of
/// ``Exports``: type 0 ... 3, operation 0 ... 7 of its number of words.
enum Trampolines {
    /// By type, then by verb in the order of ``Verb``.
    static let verbs: [[imp_verb]] = [
        [
            { Exports.serve(0, .validate, $0, $1, $2) },
            { Exports.serve(0, .plan, $0, $1, $2) },
            { Exports.serve(0, .bootstrap, $0, $1, $2) },
            { Exports.serve(0, .join, $0, $1, $2) },
            { Exports.serve(0, .leave, $0, $1, $2) },
            { Exports.serve(0, .health, $0, $1, $2) },
            { Exports.serve(0, .credentials, $0, $1, $2) },
            { Exports.serve(0, .revoke, $0, $1, $2) },
            { Exports.serve(0, .configure, $0, $1, $2) },
            { Exports.serve(0, .upgrade, $0, $1, $2) },
            { Exports.serve(0, .migrate, $0, $1, $2) },
            { Exports.serve(0, .destroy, $0, $1, $2) },
        ],
        [
            { Exports.serve(1, .validate, $0, $1, $2) },
            { Exports.serve(1, .plan, $0, $1, $2) },
            { Exports.serve(1, .bootstrap, $0, $1, $2) },
            { Exports.serve(1, .join, $0, $1, $2) },
            { Exports.serve(1, .leave, $0, $1, $2) },
            { Exports.serve(1, .health, $0, $1, $2) },
            { Exports.serve(1, .credentials, $0, $1, $2) },
            { Exports.serve(1, .revoke, $0, $1, $2) },
            { Exports.serve(1, .configure, $0, $1, $2) },
            { Exports.serve(1, .upgrade, $0, $1, $2) },
            { Exports.serve(1, .migrate, $0, $1, $2) },
            { Exports.serve(1, .destroy, $0, $1, $2) },
        ],
        [
            { Exports.serve(2, .validate, $0, $1, $2) },
            { Exports.serve(2, .plan, $0, $1, $2) },
            { Exports.serve(2, .bootstrap, $0, $1, $2) },
            { Exports.serve(2, .join, $0, $1, $2) },
            { Exports.serve(2, .leave, $0, $1, $2) },
            { Exports.serve(2, .health, $0, $1, $2) },
            { Exports.serve(2, .credentials, $0, $1, $2) },
            { Exports.serve(2, .revoke, $0, $1, $2) },
            { Exports.serve(2, .configure, $0, $1, $2) },
            { Exports.serve(2, .upgrade, $0, $1, $2) },
            { Exports.serve(2, .migrate, $0, $1, $2) },
            { Exports.serve(2, .destroy, $0, $1, $2) },
        ],
        [
            { Exports.serve(3, .validate, $0, $1, $2) },
            { Exports.serve(3, .plan, $0, $1, $2) },
            { Exports.serve(3, .bootstrap, $0, $1, $2) },
            { Exports.serve(3, .join, $0, $1, $2) },
            { Exports.serve(3, .leave, $0, $1, $2) },
            { Exports.serve(3, .health, $0, $1, $2) },
            { Exports.serve(3, .credentials, $0, $1, $2) },
            { Exports.serve(3, .revoke, $0, $1, $2) },
            { Exports.serve(3, .configure, $0, $1, $2) },
            { Exports.serve(3, .upgrade, $0, $1, $2) },
            { Exports.serve(3, .migrate, $0, $1, $2) },
            { Exports.serve(3, .destroy, $0, $1, $2) },
        ],
    ]

    typealias Function = @convention(c) () -> Void

    /// How many operations of a plugin may take the same number of words.
    static let operationsPerShape = 8
    /// The most words an operation may take.
    static let mostWords = 6

    /// The entry of the `index`-th operation that takes `words` words; nil beyond the bounds above. Every argument but `Double` and every result place
    /// is one word in a general-purpose register or stack slot, whatever its declared C type, so the number of words is the whole shape.
    static func operation(words: Int, index: Int) -> Function? {
        guard (0..<operationsPerShape).contains(index) else { return nil }
        switch words {
        case 0: return unsafeBitCast(operations0[index], to: Function.self)
        case 1: return unsafeBitCast(operations1[index], to: Function.self)
        case 2: return unsafeBitCast(operations2[index], to: Function.self)
        case 3: return unsafeBitCast(operations3[index], to: Function.self)
        case 4: return unsafeBitCast(operations4[index], to: Function.self)
        case 5: return unsafeBitCast(operations5[index], to: Function.self)
        case 6: return unsafeBitCast(operations6[index], to: Function.self)
        default: return nil
        }
    }

    private static let operations0: [@convention(c) (OpaquePointer?) -> imp_status] = [
        { Exports.serve(operation: 0, $0, []) },
        { Exports.serve(operation: 1, $0, []) },
        { Exports.serve(operation: 2, $0, []) },
        { Exports.serve(operation: 3, $0, []) },
        { Exports.serve(operation: 4, $0, []) },
        { Exports.serve(operation: 5, $0, []) },
        { Exports.serve(operation: 6, $0, []) },
        { Exports.serve(operation: 7, $0, []) },
    ]

    private static let operations1: [@convention(c) (OpaquePointer?, UInt) -> imp_status] = [
        { Exports.serve(operation: 0, $0, [$1]) },
        { Exports.serve(operation: 1, $0, [$1]) },
        { Exports.serve(operation: 2, $0, [$1]) },
        { Exports.serve(operation: 3, $0, [$1]) },
        { Exports.serve(operation: 4, $0, [$1]) },
        { Exports.serve(operation: 5, $0, [$1]) },
        { Exports.serve(operation: 6, $0, [$1]) },
        { Exports.serve(operation: 7, $0, [$1]) },
    ]

    private static let operations2: [@convention(c) (OpaquePointer?, UInt, UInt) -> imp_status] = [
        { Exports.serve(operation: 0, $0, [$1, $2]) },
        { Exports.serve(operation: 1, $0, [$1, $2]) },
        { Exports.serve(operation: 2, $0, [$1, $2]) },
        { Exports.serve(operation: 3, $0, [$1, $2]) },
        { Exports.serve(operation: 4, $0, [$1, $2]) },
        { Exports.serve(operation: 5, $0, [$1, $2]) },
        { Exports.serve(operation: 6, $0, [$1, $2]) },
        { Exports.serve(operation: 7, $0, [$1, $2]) },
    ]

    private static let operations3: [@convention(c) (OpaquePointer?, UInt, UInt, UInt) -> imp_status] = [
        { Exports.serve(operation: 0, $0, [$1, $2, $3]) },
        { Exports.serve(operation: 1, $0, [$1, $2, $3]) },
        { Exports.serve(operation: 2, $0, [$1, $2, $3]) },
        { Exports.serve(operation: 3, $0, [$1, $2, $3]) },
        { Exports.serve(operation: 4, $0, [$1, $2, $3]) },
        { Exports.serve(operation: 5, $0, [$1, $2, $3]) },
        { Exports.serve(operation: 6, $0, [$1, $2, $3]) },
        { Exports.serve(operation: 7, $0, [$1, $2, $3]) },
    ]

    private static let operations4: [@convention(c) (OpaquePointer?, UInt, UInt, UInt, UInt) -> imp_status] = [
        { Exports.serve(operation: 0, $0, [$1, $2, $3, $4]) },
        { Exports.serve(operation: 1, $0, [$1, $2, $3, $4]) },
        { Exports.serve(operation: 2, $0, [$1, $2, $3, $4]) },
        { Exports.serve(operation: 3, $0, [$1, $2, $3, $4]) },
        { Exports.serve(operation: 4, $0, [$1, $2, $3, $4]) },
        { Exports.serve(operation: 5, $0, [$1, $2, $3, $4]) },
        { Exports.serve(operation: 6, $0, [$1, $2, $3, $4]) },
        { Exports.serve(operation: 7, $0, [$1, $2, $3, $4]) },
    ]

    private static let operations5: [@convention(c) (OpaquePointer?, UInt, UInt, UInt, UInt, UInt) -> imp_status] = [
        { Exports.serve(operation: 0, $0, [$1, $2, $3, $4, $5]) },
        { Exports.serve(operation: 1, $0, [$1, $2, $3, $4, $5]) },
        { Exports.serve(operation: 2, $0, [$1, $2, $3, $4, $5]) },
        { Exports.serve(operation: 3, $0, [$1, $2, $3, $4, $5]) },
        { Exports.serve(operation: 4, $0, [$1, $2, $3, $4, $5]) },
        { Exports.serve(operation: 5, $0, [$1, $2, $3, $4, $5]) },
        { Exports.serve(operation: 6, $0, [$1, $2, $3, $4, $5]) },
        { Exports.serve(operation: 7, $0, [$1, $2, $3, $4, $5]) },
    ]

    private static let operations6: [@convention(c) (OpaquePointer?, UInt, UInt, UInt, UInt, UInt, UInt) -> imp_status] = [
        { Exports.serve(operation: 0, $0, [$1, $2, $3, $4, $5, $6]) },
        { Exports.serve(operation: 1, $0, [$1, $2, $3, $4, $5, $6]) },
        { Exports.serve(operation: 2, $0, [$1, $2, $3, $4, $5, $6]) },
        { Exports.serve(operation: 3, $0, [$1, $2, $3, $4, $5, $6]) },
        { Exports.serve(operation: 4, $0, [$1, $2, $3, $4, $5, $6]) },
        { Exports.serve(operation: 5, $0, [$1, $2, $3, $4, $5, $6]) },
        { Exports.serve(operation: 6, $0, [$1, $2, $3, $4, $5, $6]) },
        { Exports.serve(operation: 7, $0, [$1, $2, $3, $4, $5, $6]) },
    ]
}
