// SPDX-License-Identifier: Apache-2.0

import CImpresario

/// C functions that the host can be given. A C function cannot carry a value with it, so each stands for a fixed place in the tables of
/// ``Exports``.
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
}
