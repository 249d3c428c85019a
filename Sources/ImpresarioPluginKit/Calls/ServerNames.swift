// SPDX-License-Identifier: Apache-2.0

/// The names and addresses that a server's certificate must bear: the node's own, and those that tenants reach it by.
public struct ServerNames: Hashable, Sendable {
    /// Subject alternative names.
    public var dns: [String]
    /// Subject alternative addresses.
    public var ips: [String]

    /// - Parameters:
    ///   - endpoint: the name of the endpoint in the type's plan.
    ///   - context: what the verb was called with; it knows where tenants come in.
    public init(_ node: Node, endpoint: String, _ context: Context) {
        var dns: Set = ["localhost", node.name]
        var ips: Set = ["127.0.0.1", node.address]
        for address in context.endpoints.filter({ $0.name == endpoint }).flatMap(\.addresses) {
            guard let colon = address.lastIndex(of: ":") else { continue }
            let host = address[..<colon].filter { $0 != "[" && $0 != "]" }
            let isAddress = host.contains(":") || host.allSatisfy { $0 == "." || $0.isNumber }
            if isAddress { ips.insert(host) } else { dns.insert(host) }
        }
        self.dns = dns.sorted()
        self.ips = ips.sorted()
    }

    /// For the name of a key pair: other names are another pair.
    public var digest: String { Digest.of(dns + ips) }
}

/// Tells one list of texts from another, such as the files that a daemon was started with; no protection against somebody who wants two to be alike.
public enum Digest {
    /// FNV-1a, 64 bits, hex.
    public static func of(_ texts: [String]) -> String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for text in texts {
            for byte in Array(text.utf8) + [0] { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        }
        return String(hash, radix: 16)
    }
}
