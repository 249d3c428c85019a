// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioModel

/// A project's network: a namespace that holds a bridge and one uplink to the host. A bridge in the host's own namespace would be broken by
/// the firewall rules of a container engine on the host.
///
///     node eth0 ── bridge br0 (gateway) ── [fabric: firewall, translation] ── uplink ── imp… [host: firewall, translation] ── world
struct Fabric: Codable, Hashable, Sendable {
    var project: ID<Project>
    var network: String
    /// First address of the /30 between host and fabric; unique on the machine.
    var link: String

    var hostEnd: IPv4Address { (IPv4Address(link) ?? IPv4Address(value: 0)) + 1 }
    var fabricEnd: IPv4Address { (IPv4Address(link) ?? IPv4Address(value: 0)) + 2 }

    /// Link-local addresses, without the blocks in which clouds keep their metadata services.
    static let linkPool: [UInt32] = (0..<256).filter { !(168...171).contains($0) }.map { 0xa9fe_0000 | UInt32($0) << 8 }

    /// The first free /30, searched from a place that depends on the name, so that a fabric tends to get the same again.
    static func drawLink(for name: String, taken: Set<String>) -> String? {
        let start = name.utf8.reduce(7) { ($0 &* 31 &+ Int($1)) & 0xffff }
        let count = linkPool.count * 64
        for step in 0..<count {
            let index = (start + step) % count
            let base = IPv4Address(value: linkPool[index / 64] + UInt32(index % 64) * 4)
            if !taken.contains("\(base + 1)") { return base.description }
        }
        return nil
    }

    /// The rules inside the fabric.
    ///
    /// - Parameter nodes: the records of the project's nodes.
    func rules(nodes: [NodeRecord]) -> String {
        let speakers = nodes.filter(\.specification.allowsEgress).map(\.specification.address).sorted()
        let published = nodes.flatMap { node in
            node.exposed.map { "\($0.value) : \(node.specification.address) . \($0.key)" }
        }.sorted()
        return """
            table ip impresario
            delete table ip impresario
            table ip impresario {
                set speakers { type ipv4_addr; \(Self.elements(speakers)) }
                map published { type inet_service : ipv4_addr . inet_service; \(Self.elements(published)) }
                chain input {
                    type filter hook input priority 0; policy accept;
                    ip protocol icmp accept
                    ct state established,related accept
                    drop
                }
                chain forward {
                    type filter hook forward priority 0; policy drop;
                    iifname "br0" oifname "br0" accept
                    iifname "br0" ip saddr != \(network) drop
                    ct state established,related accept
                    iifname "uplink" ct status dnat accept
                    iifname "br0" oifname "uplink" ip saddr @speakers accept
                }
                chain prerouting {
                    type nat hook prerouting priority -100; policy accept;
                    iifname "uplink" dnat ip to tcp dport map @published
                }
                chain postrouting {
                    type nat hook postrouting priority 100; policy accept;
                    oifname "uplink" masquerade
                }
            }

            """
    }

    static func elements(_ items: [String]) -> String { items.isEmpty ? "" : "elements = { \(items.joined(separator: ", ")) };" }
}
