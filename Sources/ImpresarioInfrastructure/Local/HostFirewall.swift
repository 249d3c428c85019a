// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioModel

/// The installation's one table of rules on the host. It is always written whole, out of what is recorded, in one transaction; so it cannot
/// drift, and a repetition mends it.
struct HostFirewall: Sendable {
    let names: LocalNames
    /// Where exposed ports are reachable.
    let publishAddress: String

    /// - Parameter published: port of the host to the fabric it leads to.
    func rules(fabrics: [Fabric], published: [(port: Int, fabric: Fabric)]) -> String {
        let uplinks = fabrics.map { "\"\(names.uplink($0.project))\"" }.sorted()
        let sources = fabrics.map { "\($0.fabricEnd)" }.sorted()
        let networks = Set(fabrics.map(\.network)).sorted()
        let targets = published.map { "\(publishAddress) . \($0.port) : \($0.fabric.fabricEnd) . \($0.port)" }.sorted()
        let any = LocalNames.uplinkPrefix + "*"
        return """
            table inet \(names.table)
            delete table inet \(names.table)
            table inet \(names.table) {
                set uplinks { type ifname; \(Fabric.elements(uplinks)) }
                set sources { type ipv4_addr; \(Fabric.elements(sources)) }
                set networks { type ipv4_addr; flags interval; auto-merge; \(Fabric.elements(networks)) }
                map published { type ipv4_addr . inet_service : ipv4_addr . inet_service; \(Fabric.elements(targets)) }
                chain input {
                    type filter hook input priority -5; policy accept;
                    iifname @uplinks ct state established,related accept
                    iifname @uplinks drop
                }
                chain forward {
                    type filter hook forward priority -5; policy accept;
                    iifname @uplinks oifname "\(any)" drop
                    iifname @uplinks ip daddr 169.254.0.0/16 drop
                    iifname @uplinks ip daddr @networks drop
                    oifname @uplinks ct state established,related accept
                    oifname @uplinks ct status dnat accept
                    oifname @uplinks drop
                }
                chain prerouting {
                    type nat hook prerouting priority -100; policy accept;
                    iifname != "\(any)" dnat ip to ip daddr . tcp dport map @published
                }
                chain output {
                    type nat hook output priority -100; policy accept;
                    dnat ip to ip daddr . tcp dport map @published
                }
                chain postrouting {
                    type nat hook postrouting priority 100; policy accept;
                    oifname @uplinks ip saddr 127.0.0.0/8 masquerade
                    oifname != "\(any)" ip saddr @sources masquerade
                }
            }

            """
    }

    func apply(fabrics: [Fabric], published: [(port: Int, fabric: Fabric)]) async throws {
        if fabrics.isEmpty {
            try await remove()
        } else {
            try await Tools.run("nft", ["-f", "-"], input: rules(fabrics: fabrics, published: published))
            try await passForwardPolicy(true)
        }
    }

    func remove() async throws {
        try await Tools.run("nft", ["-f", "-"], input: "table inet \(names.table)\ndelete table inet \(names.table)\n")
        try await passForwardPolicy(false)
    }

    /// Ports that any installation of this machine has published.
    static func publishedPorts() async throws -> Set<Int> {
        var ports = Set<Int>()
        for line in try await Tools.run("nft", ["list", "tables", "inet"]).split(separator: "\n") {
            guard let table = line.split(separator: " ").last, table.hasPrefix("impresario_") else { continue }
            let map = try await Tools.outcome("nft", ["list", "map", "inet", String(table), "published"])
            for match in String(decoding: map.output, as: UTF8.self).matches(of: #/[0-9.]+ \. ([0-9]+) : /#) {
                if let port = Int(match.1) { ports.insert(port) }
            }
        }
        return ports
    }

    /// Where a container engine (or a firewall) of the host lets nothing be forwarded by default, an accept in a table of our own is not
    /// enough; so nodes' packets are accepted in that chain too, marked as ours.
    private func passForwardPolicy(_ wanted: Bool) async throws {
        guard Tools.find("iptables") != nil else { return }
        let listing = try await Tools.outcome("iptables", ["-w", "5", "-S"])
        guard listing.exitCode == 0 else { return }
        let lines = String(decoding: listing.output, as: UTF8.self).split(separator: "\n").map(String.init)
        let own = lines.filter { $0.contains("--comment \(names.table) ") || $0.contains("--comment \"\(names.table)\"") }
        // Container engines keep a chain for rules of others, by custom named `<ENGINE>-USER`; what it accepts, they do not drop.
        let forUsers = lines.compactMap { $0.wholeMatch(of: #/-A FORWARD -j ([A-Z]+-USER)/#).map { String($0.1) } }.first
        let chain = forUsers ?? "FORWARD"
        let isNeeded = wanted && (forUsers != nil || lines.contains("-P FORWARD DROP"))
        if isNeeded {
            guard own.isEmpty else { return }
            for direction in ["-i", "-o"] {
                try await Tools.run(
                    "iptables",
                    [
                        "-w", "5", "-I", chain, direction, "\(LocalNames.uplinkPrefix)+", "-m", "comment", "--comment", names.table, "-j",
                        "ACCEPT",
                    ])
            }
        } else {
            for rule in own {
                let words = rule.replacing("\"", with: "").split(separator: " ").map(String.init)
                _ = try await Tools.outcome("iptables", ["-w", "5", "-D"] + words.dropFirst())
            }
        }
    }
}
