// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Addresses in their binary form, as certificates hold them.
enum IPAddress {
    /// Four or sixteen bytes; nil when the text is no address.
    static func bytes(_ text: String) -> [UInt8]? {
        var four = in_addr()
        if inet_pton(AF_INET, text, &four) == 1 { return withUnsafeBytes(of: &four) { Array($0) } }
        var sixteen = in6_addr()
        if inet_pton(AF_INET6, text, &sixteen) == 1 { return withUnsafeBytes(of: &sixteen) { Array($0) } }
        return nil
    }
}
