// SPDX-License-Identifier: Apache-2.0

import ImpresarioInfrastructure
public import ImpresarioModel
import ImpresarioStore
import Logging

extension Broker {
    /// The sizes an installation begins with; admins add and delete as they like.
    package static let initialFlavors: [(name: String, resources: ResourceVector)] = [
        ("tiny", [ResourceVector.cpu: 250, ResourceVector.memory: 256 << 20, ResourceVector.disk: 2 << 30]),
        ("small", [ResourceVector.cpu: 500, ResourceVector.memory: 512 << 20, ResourceVector.disk: 4 << 30]),
        ("medium", [ResourceVector.cpu: 1000, ResourceVector.memory: 2 << 30, ResourceVector.disk: 10 << 30]),
        ("large", [ResourceVector.cpu: 2000, ResourceVector.memory: 4 << 30, ResourceVector.disk: 20 << 30]),
    ]

    /// Registers this machine's hosts, and on the very first start the flavors. Called before ``run()``.
    ///
    /// - Parameters:
    ///   - zone: made when it is not there.
    ///   - overcommit: of a host that is new, in hundredths by key; a host on record keeps what its admin set.
    public func registerHosts(zone: String, overcommit: [String: Int]) async throws(Problem) {
        for (name, driver) in parts.drivers.sorted(by: { $0.key < $1.key }) {
            let snapshot = ledger.snapshot
            let capacity: ResourceVector
            do throws(Problem) {
                capacity = try await parts.within(parts.options.hostPatience, "Host '\(name)'") { () async throws(Problem) in
                    try await driver.capacity()
                }
            } catch {
                // A host that is away is no reason not to start; what it has is on record.
                guard snapshot.hosts[Keys.host(name)] != nil else { throw error }
                logger.warning("host does not answer", metadata: ["host": "\(name)", "problem": "\(error.message)"])
                continue
            }
            let now = clock()
            try await commitAtStart { draft throws(Problem) in
                if snapshot.zones.isEmpty {
                    try draft.put(Zone(name: zone, trust: .shared, allowsEgress: true, createdAt: now), at: Keys.zone(zone))
                    for (name, resources) in Self.initialFlavors {
                        try draft.put(Flavor(name: name, resources: resources, createdAt: now), at: Keys.flavor(name))
                    }
                }
                if var host = snapshot.hosts[Keys.host(name)]?.value {
                    host.capacity = capacity
                    try draft.put(host, at: Keys.host(name))
                } else {
                    try draft.put(
                        Host(
                            name: name, zone: zone, driver: driver.name, state: .ready, capacity: capacity, overcommit: overcommit,
                            labels: [:], createdAt: now), at: Keys.host(name))
                    try draft.record(event("host.registered", by: "broker", "Host '\(name)' was registered with \(capacity)."))
                }
            }
        }
    }

    /// A new admin token named `name`, replacing one of that name; its secret.
    public func makeAdminToken(named name: String) async throws(Problem) -> String {
        let secret = BearerSecret.draw()
        let token = Token(
            id: ids.draw(prefix: "k"), name: name, role: .admin, tenant: nil, project: nil, hash: BearerSecret.hash(secret),
            createdAt: clock(), expiresAt: nil)
        try await commitAtStart { draft throws(Problem) in try draft.put(token, at: Keys.token(nil, name)) }
        return secret
    }

    /// Before ``run()`` nothing follows the store, and nobody else writes: the commit goes into the snapshot directly.
    func commitAtStart(_ write: (inout Draft) throws(Problem) -> Void) async throws(Problem) {
        var draft = Draft()
        try write(&draft)
        try await ledger.commitAtStart(draft)
    }
}
