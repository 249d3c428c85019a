// SPDX-License-Identifier: Apache-2.0

import ImpresarioPluginKit

/// The names and addresses a manager's certificate must bear: its own, and those that tenants reach it by.
struct ServerNames: Hashable, Sendable {
    var dns: [String]
    var addresses: [String]

    init(_ manager: Node, _ endpoints: [Endpoint]) {
        var dns: Set = ["localhost", manager.name]
        var addresses: Set = ["127.0.0.1", manager.address]
        for endpoint in endpoints where endpoint.name == Access.endpointName {
            for hostPort in endpoint.addresses {
                guard let colon = hostPort.lastIndex(of: ":") else { continue }
                let host = hostPort[..<colon].filter { $0 != "[" && $0 != "]" }
                if host.contains(":") || IPv4Network.address(host) != nil { addresses.insert(host) } else { dns.insert(host) }
            }
        }
        self.dns = dns.sorted()
        self.addresses = addresses.sorted()
    }

    var digest: String { Digest.of(dns + addresses) }
}

/// Tells one list of texts from another; no protection against somebody who wants two to be alike.
enum Digest {
    /// FNV-1a, 64 bits, hex.
    static func of(_ texts: [String]) -> String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for text in texts {
            for byte in Array(text.utf8) + [0] { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        }
        return String(hash, radix: 16)
    }
}
