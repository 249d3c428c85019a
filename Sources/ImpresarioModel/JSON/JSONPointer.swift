// SPDX-License-Identifier: Apache-2.0

/// RFC 6901.
public enum JSONPointer {
    /// A member's name or index as it stands between two slashes: `~` as `~0`, `/` as `~1`.
    public static func escape(_ token: String) -> String {
        guard token.utf8.contains(where: { $0 == 0x7e || $0 == 0x2f }) else { return token }
        return token.unicodeScalars.reduce(into: "") { text, scalar in
            switch scalar {
            case "~": text += "~0"
            case "/": text += "~1"
            default: text.unicodeScalars.append(scalar)
            }
        }
    }

    /// The names of a pointer, unescaped; nil when it is none.
    public static func tokens(of pointer: String) -> [String]? {
        if pointer.isEmpty { return [] }
        guard pointer.utf8.first == 0x2f else { return nil }
        var tokens: [String] = []
        for part in pointer.utf8.dropFirst().split(separator: 0x2f, omittingEmptySubsequences: false) {
            var bytes: [UInt8] = []
            var rest = part[...]
            while let byte = rest.popFirst() {
                guard byte == 0x7e else {
                    bytes.append(byte)
                    continue
                }
                switch rest.popFirst() {
                case 0x30: bytes.append(0x7e)
                case 0x31: bytes.append(0x2f)
                default: return nil
                }
            }
            tokens.append(String(decoding: bytes, as: UTF8.self))
        }
        return tokens
    }
}
