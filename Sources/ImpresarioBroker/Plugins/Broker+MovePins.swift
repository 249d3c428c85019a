// SPDX-License-Identifier: Apache-2.0

public import ImpresarioModel

extension Broker {
    /// Begins to hand clusters to another version of their plugin, each by an operation of its own; what cannot be moved now is told beside them.
    public func movePins(ofPlugin id: String, _ request: MovePins, for caller: Caller) async throws(Problem) -> PinMoves {
        try caller.requireAdmin("move clusters to another version of their plugin")
        let snapshot = ledger.snapshot
        let target = try Self.target(of: id, request, in: snapshot)
        return try await each(of: Self.selected(by: request, ofPlugin: id, in: snapshot, for: caller)) { cluster throws(Problem) in
            try await begin(.move, on: cluster, for: caller) { cluster, snapshot throws(Problem) in
                guard let target = snapshot.plugin(target) else { throw .notFound("plugin", id) }
                return try .move(cluster, to: target.value, in: snapshot)
            }
        }
    }

    /// Begins to take clusters back to the version they were moved from, with the state and secrets they had then.
    ///
    /// `rollback-refused` is told for each cluster that something newer was written for.
    public func rollBackPins(ofPlugin id: String, _ request: MovePins, for caller: Caller) async throws(Problem) -> PinMoves {
        try caller.requireAdmin("take clusters back to another version of their plugin")
        guard request.to == nil else {
            throw Problem(.invalidBody, "A rollback goes back to where each cluster came from.", field: "/to", remedy: "Leave it out.")
        }
        let snapshot = ledger.snapshot
        _ = try PluginVersions(of: id, in: snapshot)
        return try await each(of: Self.selected(by: request, ofPlugin: id, in: snapshot, for: caller)) { cluster throws(Problem) in
            let copy = ClusterCopy(cluster: cluster.id, store: parts.store)
            let moves = try await copy.records()
            // Also checked when it is done; here for an answer at once.
            if case .change(let pins) = try PinMoveDecision.rollback(cluster, moves: moves, in: ledger.snapshot),
                let move = moves.first(where: { $0.operation == pins.snapshot })
            {
                try await RollbackCheck.check(move, copy)
            }
            return try await begin(.rollback, on: cluster, for: caller) { cluster, snapshot throws(Problem) in
                try .rollback(cluster, moves: moves, in: snapshot)
            }
        }
    }

    /// What keeps one cluster from its move does not keep the others.
    private func each(
        of clusters: [Cluster], _ begin: (Cluster) async throws(Problem) -> ID<ImpresarioModel.Operation>?
    ) async throws(Problem) -> PinMoves {
        var moves: [PinMoves.Move] = []
        for cluster in clusters {
            var move = PinMoves.Move(cluster: cluster.pinned)
            do throws(Problem) { move.operation = try await begin(cluster) } catch {
                if error.is(.shuttingDown) || error.is(.storeFailed) || error.is(.overloaded) { throw error }
                move.problem = error
            }
            moves.append(move)
        }
        return PinMoves(moves: moves)
    }

    /// Nil when the cluster is where it should be.
    private func begin(
        _ kind: ImpresarioModel.Operation.Kind, on cluster: Cluster, for caller: Caller,
        _ decide: (Cluster, Snapshot) throws(Problem) -> PinMoveDecision
    ) async throws(Problem) -> ID<ImpresarioModel.Operation>? {
        let begun = try await ledger.transact { snapshot, draft throws(Problem) -> ID<ImpresarioModel.Operation>? in
            guard let entry = snapshot.cluster(cluster.id) else { throw Problem(.notFound, "The cluster is gone.") }
            let pins: ImpresarioModel.Operation.PinChange
            switch try decide(entry.value, snapshot) {
            case .isThere: return nil
            case .runs(let operation): return operation
            case .change(let change): pins = change
            }
            // No version is uninstalled between this decision and its commit.
            draft.orderAdmission(after: snapshot)
            var cluster = entry.value
            let operation = Operation(
                id: self.ids.draw(prefix: "o"), kind: kind, cluster: cluster.id, clusterName: cluster.name, tenant: cluster.tenant,
                project: cluster.project, requestedBy: caller.name, steps: OperationMachine.steps(of: kind), pins: pins,
                createdAt: self.clock())
            cluster.operation = operation.id
            cluster.updatedAt = self.clock()
            try draft.replace(entry, with: cluster, at: cluster.key)
            try draft.insert(operation, at: Keys.operation(operation.id))
            try draft.record(
                self.event(
                    kind == .move ? "cluster.moving" : "cluster.rolling-back", by: caller.name,
                    "Cluster '\(cluster.name)' is handed from plugin \(pins.from.words) to \(pins.to.version).", tenant: cluster.tenant,
                    project: cluster.project, cluster: cluster.id, operation: operation.id, data: pins.to.facts))
            return operation.id
        }
        runner.wake()
        return begun
    }

    /// The version that clusters are to have.
    private static func target(of id: String, _ request: MovePins, in snapshot: Snapshot) throws(Problem) -> PluginPin {
        let versions = try PluginVersions(of: id, in: snapshot)
        if let text = request.to { return try versions.named(text, field: "/to").value.pin }
        guard let enabled = versions.enabled else {
            throw Problem(
                .conflict, "No version of the plugin '\(id)' is enabled.", field: "/to",
                remedy: "Name the version to move to, or enable one.")
        }
        return enabled.value.pin
    }

    /// - Throws: `invalid-body` unless the request says exactly one of cluster, project and all.
    private static func selected(
        by request: MovePins, ofPlugin id: String, in snapshot: Snapshot, for caller: Caller
    ) throws(Problem) -> [Cluster] {
        let clusters = snapshot.clusters(ofPlugin: id)
        switch (request.tenant, request.project, request.cluster, request.all ?? false) {
        case (let tenant?, let project?, let name?, false):
            let cluster = try snapshot.cluster(ClusterPath(tenant: tenant, project: project, cluster: name), for: caller).value
            guard cluster.plugin.id == id else {
                throw Problem(.notFound, "Cluster '\(name)' is managed by the plugin '\(cluster.plugin.id)'.", field: "/cluster")
            }
            return [cluster]
        case (let tenant?, let project?, nil, false):
            let id = try snapshot.project(project, of: tenant, for: caller).value.id
            return clusters.filter { $0.project == id }
        case (nil, nil, nil, true): return clusters
        default:
            throw Problem(
                .invalidBody, "The request must say which clusters.", field: "",
                remedy: "Give tenant, project and cluster; or tenant and project; or all alone.")
        }
    }
}
