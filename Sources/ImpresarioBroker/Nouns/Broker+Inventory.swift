// SPDX-License-Identifier: Apache-2.0

public import ImpresarioModel
public import ImpresarioStore

extension Broker {
    public func zones(for caller: Caller, page: PageRequest) throws(Problem) -> EncodedPage {
        try caller.requireAdmin("see zones")
        return try EncodedPage.of(ledger.snapshot.zones, page)
    }

    public func hosts(for caller: Caller, page: PageRequest) throws(Problem) -> EncodedPage {
        try caller.requireAdmin("see hosts")
        return try EncodedPage.of(ledger.snapshot.hosts, page)
    }

    /// Cordoning keeps new nodes away, and what runs there stays; draining replaces it elsewhere, and cordons when that is done.
    public func changeHost(
        _ name: String, _ change: HostUpdate, expecting expected: Revision?, for caller: Caller
    ) async throws(Problem) -> Host {
        try caller.requireAdmin("change hosts")
        for (key, percent) in change.overcommit ?? [:] where !(1...10_000).contains(percent) {
            throw Problem(.invalidParameters, "\(percent) is not between 1 and 10000 hundredths.", field: "/overcommit/\(key)")
        }
        return try await ledger.transact { snapshot, draft throws(Problem) in
            guard let entry = snapshot.hosts[Keys.host(name)] else { throw .notFound("host", name) }
            try entry.require(expected)
            var host = entry.value
            host.state = change.state ?? host.state
            host.overcommit = change.overcommit ?? host.overcommit
            host.labels = change.labels ?? host.labels
            guard host != entry.value else { return host }
            draft.orderAdmission(after: snapshot)
            try draft.replace(entry, with: host, at: Keys.host(name))
            try draft.record(self.event("host.changed", by: caller.name, "Host '\(name)' was changed; it is \(host.state.rawValue)."))
            return host
        }
    }

    public func flavors(for caller: Caller, page: PageRequest) throws(Problem) -> EncodedPage {
        try EncodedPage.of(ledger.snapshot.flavors, page)
    }

    /// - Throws: `invalid-parameters` when cpu, memory or disk is missing.
    public func createFlavor(
        _ name: String, resources: ResourceVector, hourlyPrice: Price? = nil, for caller: Caller, key: IdempotencyKey? = nil
    ) async throws(Problem) -> Flavor {
        try caller.requireAdmin("create flavors")
        try Name.check(name, field: "/name")
        for key in [ResourceVector.cpu, ResourceVector.memory, ResourceVector.disk] where resources[key] <= 0 {
            throw Problem(.invalidParameters, "A flavor has some \(key).", field: "/resources/\(key)", remedy: "Write it like 500m or 1Gi.")
        }
        return try await once(key, for: caller) { remember throws(Problem) in
            try await self.ledger.transact { snapshot, draft throws(Problem) in
                guard snapshot.flavors[Keys.flavor(name)] == nil else { throw .exists("flavor", name) }
                let flavor = Flavor(name: name, resources: resources, hourlyPrice: hourlyPrice, createdAt: self.clock())
                draft.orderAdmission(after: snapshot)
                try draft.insert(flavor, at: Keys.flavor(name))
                try draft.record(self.event("flavor.created", by: caller.name, "Flavor '\(name)' was created: \(resources)."))
                try remember(flavor, &draft)
                return flavor
            }
        }
    }

    /// Clusters keep the size they were admitted with.
    public func deleteFlavor(_ name: String, expecting expected: Revision?, for caller: Caller) async throws(Problem) {
        try caller.requireAdmin("delete flavors")
        try await ledger.transact { snapshot, draft throws(Problem) in
            guard let entry = snapshot.flavors[Keys.flavor(name)] else { throw .notFound("flavor", name) }
            try entry.require(expected)
            draft.orderAdmission(after: snapshot)
            draft.remove(entry, at: Keys.flavor(name))
            try draft.record(self.event("flavor.deleted", by: caller.name, "Flavor '\(name)' was deleted."))
        }
    }
}
