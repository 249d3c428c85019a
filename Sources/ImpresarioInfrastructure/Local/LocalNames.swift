// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel

/// What this installation's things outside its folder are called, so that two brokers on a machine never touch each other's.
struct LocalNames: Sendable {
    let installation: String

    /// The container of a node, and its network namespace.
    func node(_ id: ID<Node>) -> String { Self.bounded("imp-\(installation)-n-\(id)", to: 64) }
    /// The network namespace that carries a project's bridge.
    func fabric(_ id: ID<Project>) -> String { Self.bounded("imp-\(installation)-f-\(id)", to: 64) }

    /// The host's end of a fabric's uplink. All installations share the prefix, so that a rule can mean every uplink of the machine.
    func uplink(_ id: ID<Project>) -> String { Self.uplinkPrefix + Self.digest("\(installation)/\(id)").prefix(12) }
    static let uplinkPrefix = "imp"

    /// A node's device on its fabric's bridge.
    func bridgePort(_ id: ID<Node>) -> String { "v" + Self.digest(id.rawValue) }

    /// Below each cgroup hierarchy.
    var cgroup: String { "impresario/\(installation)" }
    func cgroup(_ id: ID<Node>) -> String { "\(cgroup)/\(id)" }
    /// Holds what starts the node. No node's id has a point.
    func starting(_ id: ID<Node>) -> String { "\(cgroup)/\(id).start" }

    /// In nftables a name has no hyphen; a DNS label has no underscore, so this stays unique.
    var table: String { "impresario_" + installation.replacing("-", with: "_") }

    /// Sockets, locks and container states: gone with a restart of the machine, as what they stand for.
    static let runtime = "/run/impresario"
    var runtime: String { "\(Self.runtime)/\(installation)" }

    /// The text itself when it fits; else its beginning and a digest of all of it.
    static func bounded(_ text: String, to limit: Int) -> String {
        text.utf8.count <= limit ? text : String(text.prefix(limit - 14)) + "-" + digest(text)
    }

    /// 64-bit FNV-1a in 13 digits of base 32. For names, not for security.
    static func digest(_ text: String) -> String { digest(text.utf8) }

    static func digest(_ bytes: some Sequence<UInt8>) -> String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        let text = String(hash, radix: 32)
        return String(repeating: "0", count: 13 - text.count) + text
    }
}
