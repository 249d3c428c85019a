// SPDX-License-Identifier: Apache-2.0

import ImpresarioInfrastructure
public import ImpresarioModel
import ImpresarioPlugins
import ImpresarioStore

extension Broker {
    /// Issues credentials of a ready cluster under a new binding. The secret part is answered once and not kept.
    ///
    /// - Throws: `not-ready` unless the cluster is ready, `conflict` while somebody else changes it, and the plugin's problems.
    public func issueCredentials(
        of path: ClusterPath, _ request: CredentialsRequest, for caller: Caller
    ) async throws(Problem) -> Credentials {
        try await writing(to: path, for: caller, "issue credentials") { cluster throws(Problem) in
            let now = clock()
            let id: ID<Binding> = ids.draw(prefix: "b")
            // On record before anything is issued, so that nothing that works is unknown.
            var binding = Binding(
                id: id, cluster: cluster.id, role: request.role ?? "default", issuedTo: caller.name, createdAt: now,
                expiresAt: request.ttl.map { now + .seconds($0.seconds) })
            let key = Keys.binding(cluster.id, id)
            try await ledger.transact { _, draft throws(Problem) in
                try draft.insert(binding, at: key)
                try draft.record(
                    event(
                        "binding.issued", by: caller.name, "Credentials \(id) were issued.", tenant: cluster.tenant,
                        project: cluster.project, cluster: cluster.id))
            }
            var args: [String: JSONValue] = ["binding": .string(id.rawValue)]
            if let role = request.role { args["role"] = .string(role) }
            if let ttl = request.ttl { args["ttl"] = .integer(ttl.seconds) }
            do throws(Problem) {
                let issued: IssuedCredentials = try await conversation("credentials", id.rawValue)
                    .call(.credentials, of: cluster, args: .object(args), timeout: .seconds(60))
                try Self.check(issued, of: cluster)
                if issued.expires_at != binding.expiresAt {
                    binding.expiresAt = issued.expires_at
                    try await ledger.transact { [binding] _, draft throws(Problem) in try draft.put(binding, at: key) }
                }
                return Credentials(binding: id, files: issued.files, env: issued.env, expiresAt: binding.expiresAt)
            } catch {
                // Whatever the plugin did before it failed is undone the way any binding is.
                _ = try? await revoke(binding, of: cluster, by: caller)
                throw error
            }
        }
    }

    public func bindings(of path: ClusterPath, for caller: Caller, page: PageRequest) throws(Problem) -> EncodedPage {
        let snapshot = ledger.snapshot
        let id = try snapshot.cluster(path, for: caller).value.id
        return try EncodedPage.of(snapshot.bindings.filter { $0.entry.value.cluster == id }, page)
    }

    /// From then on the credentials are refused. Revoking twice is no error.
    public func revokeBinding(_ id: String, of path: ClusterPath, for caller: Caller) async throws(Problem) -> Binding {
        try await writing(to: path, for: caller, "revoke credentials") { cluster throws(Problem) in
            guard let entry = ledger.snapshot.bindings[Keys.binding(cluster.id, ID(id))] else { throw .notFound("binding", id) }
            return entry.value.revokedAt == nil ? try await revoke(entry.value, of: cluster, by: caller) : entry.value
        }
    }

    private func revoke(_ binding: Binding, of cluster: Cluster, by caller: Caller) async throws(Problem) -> Binding {
        _ = try await conversation("revoke", binding.id.rawValue)
            .call(.verb(.revoke), of: cluster, args: ["binding": .string(binding.id.rawValue)], timeout: .seconds(60))
        var revoked = binding
        revoked.revokedAt = clock()
        return try await ledger.transact { [revoked] _, draft throws(Problem) in
            try draft.put(revoked, at: Keys.binding(cluster.id, binding.id))
            try draft.record(
                event(
                    "binding.revoked", by: caller.name, "Credentials \(binding.id) were revoked.", tenant: cluster.tenant,
                    project: cluster.project, cluster: cluster.id))
            return revoked
        }
    }

    /// Calls a typed operation of the cluster's type and waits for its answer.
    public func perform(
        _ operation: String, on path: ClusterPath, arguments: JSONValue, for caller: Caller
    ) async throws(Problem) -> JSONValue {
        guard let given = arguments.object else {
            throw Problem(.invalidBody, "The arguments of an operation are an object.", field: "")
        }
        return try await writing(to: path, for: caller, "operate clusters") { cluster throws(Problem) in
            let manifest = ledger.snapshot.plugins[Keys.plugin(cluster.plugin)]?.value.manifest
            let type = manifest?.types.first { $0.id == cluster.type }
            guard let declared = type?.operations.first(where: { $0.id == operation }) else {
                let known = type?.operations.map(\.id).joined(separator: ", ") ?? ""
                throw Problem(
                    .notFound, "Clusters of type '\(cluster.type)' have no operation '\(operation.prefix(80))'.",
                    remedy: known.isEmpty ? nil : "There are: \(known).")
            }
            try Self.check(given, of: declared)
            let answer = try await conversation("operation", ids.draw(Event.self, prefix: "x").rawValue).call(
                .operation(declared, arguments: Self.resolvingNodes(given, of: declared, in: cluster)), of: cluster, timeout: .seconds(120))
            let said = event(
                "cluster.operated", by: caller.name, "'\(operation)' was called on cluster '\(cluster.name)'.", tenant: cluster.tenant,
                project: cluster.project, cluster: cluster.id)
            try await ledger.transact { _, draft throws(Problem) in try draft.record(said) }
            return answer
        }
    }

    /// - Throws: `invalid-parameters` with everything that is wrong, each with a JSON pointer.
    private static func check(_ arguments: [String: JSONValue], of operation: TypedOperation) throws(Problem) {
        // An argument that is null is one that is left out.
        let given = JSONValue.object(arguments.filter { $0.value != .null })
        let problems = try JSONSchema(operation.argumentsSchema).validate(given)
        guard var first = problems.first else { return }
        if problems.count > 1 { first.errors = problems }
        throw first
    }

    /// People name nodes by name, plugins by id.
    private static func resolvingNodes(
        _ arguments: [String: JSONValue], of operation: TypedOperation, in cluster: Cluster
    ) throws(Problem) -> [String: JSONValue] {
        var resolved = arguments
        for parameter in operation.parameters where parameter.kind == .node && !parameter.isOut {
            guard let name = arguments[parameter.name]?.string else { continue }
            guard let node = cluster.nodes.first(where: { $0.name == name || $0.id.rawValue == name }) else {
                throw Problem(.notFound, "The cluster has no node '\(name.prefix(80))'.", field: "/\(parameter.name)")
            }
            resolved[parameter.name] = .string(node.id.rawValue)
        }
        return resolved
    }

    private func conversation(_ kind: String, _ id: String) -> PluginConversation {
        PluginConversation(parts: parts, ledger: ledger, fence: Fence(operation: "\(kind)-\(id)", attempt: 1), kind: kind)
    }

    /// Work on a ready cluster that somebody waits for: alone with it, or refused.
    private func writing<Answer: Sendable>(
        to path: ClusterPath, for caller: Caller, _ what: String, _ work: (Cluster) async throws(Problem) -> Answer
    ) async throws(Problem) -> Answer {
        let patience = parts.time.elapsed() + Self.patienceWithMoves
        while true {
            let snapshot = ledger.snapshot
            let cluster = try snapshot.cluster(path, for: caller).value
            try caller.requireMember(what)
            if let operation = snapshot.runningOperation(of: cluster) {
                // An operation can take minutes; moves to another version of the plugin, and everything else that writes, are short.
                guard operation.value.kind.isUnnoticed, parts.time.elapsed() < patience else { throw Self.busy(cluster) }
                _ = try await self.operation(
                    operation.value.id.rawValue, newerThan: operation.revision, patience: .seconds(5), for: caller)
                continue
            }
            let answer: Answer? = try await runner.locks.alone(with: cluster.id) { () throws(Problem) -> Answer? in
                // Read again: it is ours only now.
                let snapshot = ledger.snapshot
                let cluster = try snapshot.cluster(path, for: caller).value
                if snapshot.runningOperation(of: cluster)?.value.kind.isUnnoticed == true { return nil }
                guard cluster.phase == .ready else {
                    throw Problem(
                        .notReady, "Cluster '\(cluster.name)' is \(cluster.phase.rawValue).",
                        remedy: cluster.phase == .failed ? "Look at its operation, then delete it and try anew." : "Wait until it is ready."
                    )
                }
                return try await work(cluster)
            }
            if let answer { return answer }
        }
    }

    /// Longer than a move takes that goes well.
    private static let patienceWithMoves = Duration.seconds(180)

    private static func busy(_ cluster: Cluster) -> Problem {
        Problem(
            .conflict, "Cluster '\(cluster.name)' is being changed by another operation.", remedy: "Wait for it, then try again.")
    }

    /// File names come from a plugin and end in a tenant's folder.
    private static func check(_ issued: IssuedCredentials, of cluster: Cluster) throws(Problem) {
        for name in issued.files.keys {
            let isPlain =
                !name.isEmpty && name.utf8.count <= 64 && !name.hasPrefix(".")
                && name.utf8.allSatisfy {
                    ($0 >= 0x30 && $0 <= 0x39) || ($0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7a) || [0x2d, 0x2e, 0x5f].contains($0)
                }
            guard isPlain else {
                throw Problem(.pluginFailed, "The plugin '\(cluster.plugin.id)' named a file '\(name.prefix(80))'.")
            }
        }
    }
}
