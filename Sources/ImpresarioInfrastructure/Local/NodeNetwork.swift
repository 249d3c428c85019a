// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioModel

/// Makes and removes fabrics and the network namespaces of nodes. All of it is idempotent: each part is looked for before it is made.
struct NodeNetwork: Sendable {
    let names: LocalNames
    let state: StateFolder
    let firewall: HostFirewall

    /// Held per project, and for the host's rules under a key that no project can have. Whoever holds a project's may take the lock of the
    /// machine or the host's rules, never the other way round.
    private let lock = KeyedLock()

    init(names: LocalNames, state: StateFolder, firewall: HostFirewall) {
        self.names = names
        self.state = state
        self.firewall = firewall
    }

    private func isNamespace(_ name: String) -> Bool {
        // A mounted namespace lies on another file system than its folder; the empty file that a killed `ip netns add` leaves does not.
        var file = stat()
        var folder = stat()
        return stat("/run/netns/\(name)", &file) == 0 && stat("/run/netns", &folder) == 0 && file.st_dev != folder.st_dev
    }

    private func makeNamespace(_ name: String) async throws {
        if isNamespace(name) { return }
        if Disk.exists("/run/netns/\(name)") { unlink("/run/netns/\(name)") }
        try await Tools.run("ip", ["netns", "add", name])
    }

    private func removeNamespace(_ name: String) async throws {
        guard Disk.exists("/run/netns/\(name)") else { return }
        if isNamespace(name) {
            try await Tools.run("ip", ["netns", "delete", name])
        } else {
            unlink("/run/netns/\(name)")
        }
    }

    func fabrics() -> [Fabric] {
        Disk.entries(state.fabrics).compactMap { name in
            Disk.read("\(state.fabrics)/\(name)").flatMap { try? CanonicalJSON.decode(Fabric.self, from: $0) }
        }
    }

    /// The project's network is whole when this returns.
    @discardableResult
    func ensureFabric(_ node: NodeSpecification) async throws -> Fabric {
        try await lock.hold("\(node.project)") { try await makeFabric(node) }
    }

    private func makeFabric(_ node: NodeSpecification) async throws -> Fabric {
        guard let network = IPv4Network(node.network) else { throw Self.badNetwork(node) }
        let path = state.fabric(node.project)
        let name = names.fabric(node.project)
        let uplink = names.uplink(node.project)
        let known = Disk.read(path).flatMap { try? CanonicalJSON.decode(Fabric.self, from: $0) }
        if let known, known.network != node.network {
            throw Problem(
                .conflict, "The project's network is \(known.network) on this machine, not \(node.network).",
                remedy: "Delete the project's clusters first.")
        }
        // That the uplink is up was the last step.
        let flags = Disk.readText("/sys/class/net/\(uplink)/flags").flatMap { UInt32($0.dropFirst(2).prefix { $0.isHexDigit }, radix: 16) }
        if let known, isNamespace(name), (flags ?? 0) & 1 == 1 { return known }

        try await makeNamespace(name)
        let fabric = try await FileLock.hold("\(LocalNames.runtime)/machine.lock") {
            let addresses = try await Tools.run("ip", ["-o", "-4", "address", "show"])
            var taken = Set(addresses.matches(of: /inet ([0-9.]+)/).map { String($0.1) })
            if Disk.exists("/sys/class/net/\(uplink)") { try await Tools.run("ip", ["link", "delete", uplink]) }
            taken = taken.subtracting(known.map { ["\($0.hostEnd)"] } ?? [])
            guard let link = Fabric.drawLink(for: uplink, taken: taken) else {
                throw Problem(
                    .infrastructure, "There are no more addresses for links between this machine and its networks.", owner: .admin)
            }
            let fabric = Fabric(project: node.project, network: node.network, link: link)
            try Disk.makeFolder(state.fabrics)
            try Disk.writeDurably(CanonicalJSON.encode(fabric), to: path)
            try await Tools.run(
                "ip", ["-batch", "-"],
                input: """
                    link add \(uplink) type veth peer name uplink netns \(name)
                    address add \(fabric.hostEnd)/30 dev \(uplink)
                    """)
            return fabric
        }
        let inside = try await Tools.run("ip", ["-n", name, "-o", "link", "show"])
        if !inside.contains(": br0:") { try await Tools.run("ip", ["-n", name, "link", "add", "br0", "type", "bridge"]) }
        try await Tools.run(
            "ip", ["-n", name, "-batch", "-"],
            input: """
                address replace \(network.gateway)/\(network.prefix) dev br0
                address replace \(fabric.fabricEnd)/30 dev uplink
                link set lo up
                link set br0 up
                link set uplink up
                route replace default via \(fabric.hostEnd)
                """)
        try await Tools.run("ip", ["netns", "exec", name, "sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward"])
        // Rules first, then the uplink goes up: a fabric is never connected without them.
        try Disk.set("/proc/sys/net/ipv4/conf/\(uplink)/route_localnet", "1")
        try? Disk.set("/proc/sys/net/ipv6/conf/\(uplink)/disable_ipv6", "1")
        try Disk.set("/proc/sys/net/ipv4/ip_forward", "1")
        try await applyHostRules()
        try await Tools.run("ip", ["link", "set", uplink, "up"])
        return fabric
    }

    /// The node's namespace, with its address, is there when this returns. It outlives a restart of the node.
    func ensureNode(_ node: NodeSpecification) async throws {
        guard let network = IPv4Network(node.network), let address = IPv4Address(node.address), network.canHold(address) else {
            throw Self.badNetwork(node)
        }
        let name = names.node(node.id)
        let port = names.bridgePort(node.id)
        try await makeNamespace(name)
        let inside = try await Tools.run("ip", ["-n", name, "-o", "address", "show", "dev", "lo", "up"])
        let device = try await Tools.outcome("ip", ["-n", name, "-o", "-4", "address", "show", "dev", "eth0", "up"])
        let isWhole =
            inside.contains("127.0.0.1") && device.exitCode == 0
            && String(decoding: device.output, as: UTF8.self).contains(" \(node.address)/")
        if isWhole { return }
        if device.exitCode != 0 {
            let fabric = names.fabric(node.project)
            _ = try await Tools.outcome("ip", ["-n", fabric, "link", "delete", port])
            try await Tools.run(
                "ip", ["-n", fabric, "-batch", "-"],
                input: """
                    link add \(port) type veth peer name eth0 netns \(name)
                    link set \(port) master br0
                    link set \(port) up
                    """)
        }
        try await Tools.run(
            "ip", ["-n", name, "-batch", "-"],
            input: """
                link set lo up
                address replace \(node.address)/\(network.prefix) dev eth0
                link set eth0 up
                route replace default via \(network.gateway)
                """)
    }

    func removeNode(_ id: ID<Node>) async throws { try await removeNamespace(names.node(id)) }

    /// Which nodes may speak to the outside and what is published, as recorded.
    func applyFabricRules(_ project: ID<Project>) async throws {
        try await lock.hold("\(project)") { try await writeFabricRules(project) }
    }

    private func writeFabricRules(_ project: ID<Project>) async throws {
        let name = names.fabric(project)
        guard isNamespace(name), let fabric = fabrics().first(where: { $0.project == project }) else { return }
        let nodes = state.records().filter { $0.specification.project == project && $0.phase != .destroying }
        try await Tools.run("ip", ["netns", "exec", name, "nft", "-f", "-"], input: fabric.rules(nodes: nodes))
    }

    func applyHostRules() async throws { try await lock.hold("HOST") { try await writeHostRules() } }

    private func writeHostRules() async throws {
        let fabrics = fabrics()
        let byProject = Dictionary(fabrics.map { ($0.project, $0) }, uniquingKeysWith: { first, _ in first })
        let published = state.records().filter { $0.phase != .destroying }.flatMap { record in
            byProject[record.specification.project].map { fabric in record.exposed.values.map { (port: $0, fabric: fabric) } } ?? []
        }
        try await firewall.apply(fabrics: fabrics, published: published)
    }

    func removeFabric(_ project: ID<Project>) async throws {
        try await lock.hold("\(project)") { try await dropFabric(project) }
    }

    private func dropFabric(_ project: ID<Project>) async throws {
        // A node of it may have been begun since the caller looked.
        guard !state.records().contains(where: { $0.specification.project == project }) else { return }
        try await removeNamespace(names.fabric(project))
        let uplink = names.uplink(project)
        if Disk.exists("/sys/class/net/\(uplink)") { _ = try await Tools.outcome("ip", ["link", "delete", uplink]) }
        try Disk.remove(state.fabric(project))
        try await applyHostRules()
    }

    private static func badNetwork(_ node: NodeSpecification) -> Problem {
        Problem(
            .infrastructure, "The node's address \(node.address) is not a usable address of the network \(node.network).", owner: .admin,
            remedy: "Give the project an IPv4 network such as 10.208.3.0/24; its first address is the gateway's.")
    }
}
