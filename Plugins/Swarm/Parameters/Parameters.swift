// SPDX-License-Identifier: Apache-2.0

import ImpresarioPluginKit

/// What a tenant can say about a swarm.
struct Parameters: ParameterSet, Hashable {
    /// Enough for one swarm; its managers slow down with more.
    static let mostWorkers = 500
    static let defaults = Parameters()

    // That the number of managers is odd, check(projectNetwork:) says better than a schema can.
    @Setting("Managers", "Nodes that keep the cluster's state by quorum: 1, 3 or 5.", .range(1...5)) var managers = 1
    @Setting("Workers", "Nodes that run the work. With 0 the managers run it.", .range(0...mostWorkers)) var workers = 2
    @Setting("Manager flavor", "Node size of the managers.", .format(.dnsLabel)) var managerFlavor = "small"
    @Setting("Worker flavor", "Node size of the workers.", .format(.dnsLabel)) var workerFlavor = "small"

    // Apart from 10.208.0.0/12, of which projects get their networks, and from the local bridges' pool.
    @Setting("Address pool", "IPv4 network out of which overlay networks get their subnets.", .format(.cidr)) var addressPool =
        "10.16.0.0/12"
    @Setting("Subnet size", "Prefix length of each overlay network.", .range(9...29)) var subnetSize = 24

    @Setting(
        "Published ports", "Ports of the nodes that are reachable from outside, for services published in host mode.", .count(0...16),
        .unique,
        .each(.range(1...65535)))
    var publish: [Int] = []

    @Setting(
        "Insecure registries", "Registries (host, host:port or network) that the engines may use without TLS.", .count(0...16), .unique,
        .each(.pattern("^[A-Za-z0-9][A-Za-z0-9.:/-]*$"), .length(1...253)))
    var insecureRegistries: [String] = []

    /// Managers and workers can come and go, but for the last worker: managers would have to begin to work then.
    static var updateSchema: JSONValue {
        var schema = schema(only: ["managers", "workers"]).object ?? [:]
        var properties = schema["properties"]?.object ?? [:]
        var workers = properties["workers"]?.object ?? [:]
        workers["minimum"] = 1
        properties["workers"] = .object(workers)
        schema["properties"] = .object(properties)
        return .object(schema)
    }

    /// - Throws: ``PluginProblem`` that names the member at fault.
    func check(projectNetwork: String) throws(PluginProblem) {
        guard managers >= 1 else {
            throw Self.refusal("too-few-managers", "A swarm needs at least 1 manager; \(managers) were asked for.", "/managers")
        }
        guard [1, 3, 5].contains(managers) else {
            throw Self.refusal(
                "no-quorum-size",
                """
                \(managers) managers were asked for; ask for 1, 3 or 5. Managers decide by majority, so an even number survives no more losses than one \
                manager less, and more than 5 only slow each other down.
                """, "/managers")
        }
        guard (0...Self.mostWorkers).contains(workers) else {
            throw Self.refusal("worker-count", "\(workers) workers were asked for; ask for 0 to \(Self.mostWorkers).", "/workers")
        }
        for (index, port) in publish.enumerated() where Access.port == port || Daemon.ownPorts.contains(port) {
            throw Self.refusal("port-in-use", "Port \(port) of the nodes is the swarm's own; publish another one.", "/publish/\(index)")
        }
        try checkPool(projectNetwork)
    }

    /// What is allowed but perhaps not meant.
    var warnings: [String]? {
        managers == 1 ? nil : workers == 0 ? ["Without workers the managers run the work, and a busy manager can cost the quorum."] : nil
    }

    private func checkPool(_ projectNetwork: String) throws(PluginProblem) {
        guard let pool = IPv4Network(addressPool) else {
            throw Self.refusal(
                "invalid-address-pool",
                "'\(addressPool)' is not an IPv4 network such as \(Self.defaults.addressPool), with no bits set behind its prefix.",
                "/addressPool")
        }
        guard subnetSize <= 29, subnetSize >= pool.prefix + 1 else {
            throw Self.refusal(
                "subnet-size",
                "The subnet size is /\(subnetSize); in a pool of /\(pool.prefix) it must lie between /\(pool.prefix + 1) and /29.",
                "/subnetSize")
        }
        let taken = [("the project's network", projectNetwork), ("the engines' local bridges", Daemon.bridgePool)]
        for (what, network) in taken {
            guard let other = IPv4Network(network), other.overlaps(pool) else { continue }
            throw Self.refusal(
                "address-pool-overlap",
                "The address pool \(addressPool) overlaps \(what), \(network); choose another one, such as \(Self.defaults.addressPool).",
                "/addressPool")
        }
    }

    private static func refusal(_ code: String, _ message: String, _ field: String) -> PluginProblem {
        PluginProblem(.invalid, code: "swarm.\(code)", message, field: field, owner: .tenant)
    }
}
