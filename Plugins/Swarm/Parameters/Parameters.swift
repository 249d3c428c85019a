// SPDX-License-Identifier: Apache-2.0

import ImpresarioPluginKit

/// What a tenant can say about a swarm.
struct Parameters: Codable, Hashable, Sendable {
    var managers: Int
    var workers: Int
    var managerFlavor: String
    var workerFlavor: String
    var addressPool: String
    var subnetSize: Int
    /// Ports that services publish in host mode and that tenants reach from outside.
    var publish: [Int]
    /// `host`, `host:port` or a network, which engines may reach without TLS.
    var insecureRegistries: [String]

    static let defaults = Parameters(
        managers: 1, workers: 2, managerFlavor: "small", workerFlavor: "small",
        // Apart from 10.208.0.0/12, of which projects get their networks, and from the local bridges' pool.
        addressPool: "10.16.0.0/12", subnetSize: 24, publish: [], insecureRegistries: [])

    init(
        managers: Int, workers: Int, managerFlavor: String, workerFlavor: String, addressPool: String, subnetSize: Int, publish: [Int],
        insecureRegistries: [String]
    ) {
        self.managers = managers
        self.workers = workers
        self.managerFlavor = managerFlavor
        self.workerFlavor = workerFlavor
        self.addressPool = addressPool
        self.subnetSize = subnetSize
        self.publish = publish
        self.insecureRegistries = insecureRegistries
    }

    /// Members that are left out get their default.
    init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: CodingKeys.self)
        let defaults = Self.defaults
        managers = try members.decodeIfPresent(Int.self, forKey: .managers) ?? defaults.managers
        workers = try members.decodeIfPresent(Int.self, forKey: .workers) ?? defaults.workers
        managerFlavor = try members.decodeIfPresent(String.self, forKey: .managerFlavor) ?? defaults.managerFlavor
        workerFlavor = try members.decodeIfPresent(String.self, forKey: .workerFlavor) ?? defaults.workerFlavor
        addressPool = try members.decodeIfPresent(String.self, forKey: .addressPool) ?? defaults.addressPool
        subnetSize = try members.decodeIfPresent(Int.self, forKey: .subnetSize) ?? defaults.subnetSize
        publish = try members.decodeIfPresent([Int].self, forKey: .publish) ?? defaults.publish
        insecureRegistries = try members.decodeIfPresent([String].self, forKey: .insecureRegistries) ?? defaults.insecureRegistries
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
