// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioBroker
import ImpresarioModel
import ImpresarioStore
import Testing

extension BrokerFixture {
    @discardableResult
    func install(_ library: Data, as caller: Caller = admin) async throws -> (plugin: Plugin, isNew: Bool) {
        try await broker.installPlugin(for: caller) { write throws(Problem) in
            // In pieces, as they come over a wire.
            try write(library.prefix(10))
            try write(library.dropFirst(10))
        }
    }

    func ready(_ name: String, _ parameters: JSONValue = ["leaders": 1, "followers": 1]) async throws -> Cluster {
        let created = try await create(name, parameters)
        #expect(try await end(of: created.operation.id).state == .succeeded)
        return try cluster(name)
    }

    func cluster(_ name: String) throws -> Cluster { try broker.cluster(path(name), for: Self.admin).value }

    func versions() throws -> [String: Plugin.State] {
        let detail = try broker.plugin("sample", for: Self.admin)
        return Dictionary(uniqueKeysWithValues: detail.versions.map { ($0.pin.version, $0.state) })
    }

    /// Installs a version and offers it to new clusters.
    @discardableResult
    func upgrade(to library: Data, accept: Bool = false) async throws -> ShadowReport {
        let plugin = try await install(library).plugin
        return try await broker.upgradePlugin(
            "sample", UpgradePlugin(to: plugin.pin.sha256, approve: plugin.manifest.packages, accept: accept), for: Self.admin)
    }

    /// Moves one cluster and waits for the end.
    @discardableResult
    func move(_ name: String) async throws -> ImpresarioModel.Operation {
        let moves = try await broker.movePins(ofPlugin: "sample", one(name), for: Self.admin).moves
        #expect(moves.map(\.cluster.name) == [name])
        return try await end(of: try #require(moves.first?.operation, "\(moves)"))
    }

    func rollBack(_ name: String) async throws -> PinMoves.Move {
        try #require(try await broker.rollBackPins(ofPlugin: "sample", one(name), for: Self.admin).moves.first)
    }

    func one(_ name: String) -> MovePins { MovePins(tenant: "acme", project: "shop", cluster: name) }

    func issue(_ name: String) async throws -> Credentials {
        try await broker.issueCredentials(of: path(name), CredentialsRequest(), for: Self.member)
    }

    /// State and secrets of all clusters, as they are stored.
    func kept() async throws -> [String: Data] {
        let records = try await store.list(prefix: "state/").records + store.list(prefix: "secrets/").records
        return Dictionary(uniqueKeysWithValues: records.map { ($0.key, $0.value) })
    }

    func events(_ type: String) async throws -> [Event] {
        let page = try await broker.events(for: Self.admin, page: PageRequest(limit: 500))
        return try page.items.map { try CanonicalJSON.decode(Event.self, from: $0) }.filter { $0.type == type }
    }

    /// As soon as it holds; a test that waits longer than half a minute has failed.
    func until(_ what: String, _ holds: () async throws -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(30)
        while try await !holds() {
            try #require(ContinuousClock.now < deadline, "\(what)")
            try await Task.sleep(for: .milliseconds(10))
        }
    }
}

/// What a call is refused with.
func refusal<Answer>(_ call: () async throws -> Answer, _ location: SourceLocation = #_sourceLocation) async throws -> Problem {
    do {
        let answer = try await call()
        Issue.record("answered \(answer)", sourceLocation: location)
        throw Problem(.internal, "not refused")
    } catch let problem as Problem { return problem }
}
