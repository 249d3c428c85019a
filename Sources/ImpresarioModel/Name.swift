// SPDX-License-Identifier: Apache-2.0

/// What people call a tenant, project, cluster, flavor, zone or host: a DNS label (RFC 1123), unique within its parent.
public enum Name {
    public static let rule = "a name is 1 to 63 of a-z, 0-9 and '-', and begins and ends with a letter or digit"

    public static func isValid(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard (1...63).contains(bytes.count), let first = bytes.first, let last = bytes.last else { return false }
        func isAlphanumeric(_ byte: UInt8) -> Bool { (0x61...0x7a).contains(byte) || (0x30...0x39).contains(byte) }
        return isAlphanumeric(first) && isAlphanumeric(last) && bytes.allSatisfy { isAlphanumeric($0) || $0 == 0x2d }
    }

    /// - Throws: ``Problem`` `invalid-name` that quotes the text and states the rule.
    public static func check(_ text: String, field: String) throws(Problem) {
        guard isValid(text) else {
            throw Problem(.invalidName, "'\(text.prefix(80))' is not a name: \(rule).", field: field)
        }
    }
}
