// SPDX-License-Identifier: Apache-2.0

public import ImpresarioModel

extension Broker {
    /// Offers another version to new clusters when it would have planned those that are there alike. They stay with theirs until they are moved.
    ///
    /// - Throws: `shadow-differs` with the report among its facts unless differences are accepted, `approval-required`.
    public func upgradePlugin(_ id: String, _ request: UpgradePlugin, for caller: Caller) async throws(Problem) -> ShadowReport {
        try caller.requireAdmin("upgrade plugins")
        return try await pluginLocks.alone(with: id) { () throws(Problem) -> ShadowReport in
            var shadows: [ID<Cluster>: ShadowReport.ClusterShadow] = [:]
            while true {
                let snapshot = ledger.snapshot
                let target = try Self.target(of: id, request, in: snapshot)
                let missing = Self.live(of: target.pin, in: snapshot).filter { shadows[$0.id] == nil }
                let diff = ShadowDiff(runtime: parts.plugins, store: parts.store, plugin: target)
                for shadow in try await concurrently(
                    missing, limit: 4, { (cluster) async throws(Problem) in try await diff.shadow(cluster) })
                {
                    shadows[shadow.cluster.id] = shadow
                }
                if let report = try await decide(id, request, shadows: shadows, for: caller) { return report }
            }
        }
    }

    /// Nil when there is a cluster that nobody has looked at.
    private func decide(
        _ id: String, _ request: UpgradePlugin, shadows: [ID<Cluster>: ShadowReport.ClusterShadow], for caller: Caller
    ) async throws(Problem) -> ShadowReport? {
        try await ledger.transact { snapshot, draft throws(Problem) in
            let target = try Self.target(of: id, request, in: snapshot)
            let clusters = Self.live(of: target.pin, in: snapshot)
            guard clusters.allSatisfy({ shadows[$0.id] != nil }) else { return nil }
            let versions = try PluginVersions(of: id, in: snapshot)
            guard let entry = versions.entry(of: target.pin) else { throw .notFound("plugin", id) }
            var report = ShadowReport(
                plugin: id, to: target.pin, clusters: clusters.compactMap { shadows[$0.id] }, enabled: entry.value.state == .enabled)
            if request.dryRun == true || report.enabled { return report }
            guard report.isClean || request.accept == true else { throw Self.differs(report) }
            // No cluster is admitted between this decision and its commit.
            draft.orderAdmission(after: snapshot)
            try draft.replace(entry, with: target, at: Keys.plugin(target.pin))
            for old in versions.entries where old.value.state == .enabled && old.value.pin != target.pin {
                var disabled = old.value
                disabled.state = .disabled
                try draft.replace(old, with: disabled, at: Keys.plugin(disabled.pin))
            }
            var data = target.pin.members
            data["from"] = versions.enabled.map { .string($0.value.pin.version) }
            data["differing"] = .integer(Int64(report.clusters.count { !$0.isClean }))
            try draft.record(
                self.event(
                    "plugin.upgraded", by: caller.name, "New clusters get plugin \(target.pin.words) now.", data: .object(data)))
            report.enabled = true
            return report
        }
    }

    /// The version that is meant, as it would be when enabled.
    private static func target(of id: String, _ request: UpgradePlugin, in snapshot: Snapshot) throws(Problem) -> Plugin {
        let versions = try PluginVersions(of: id, in: snapshot)
        let entry = try request.to.map { text throws(Problem) in try versions.named(text, field: "/to") } ?? versions.newest
        if request.dryRun == true {
            // What would be asked for is not in the way of a look.
            var plugin = entry.value
            plugin.approvedPackages = plugin.manifest.packages
            return plugin
        }
        return try enabling(entry.value, among: versions, approving: request.approve)
    }

    /// Clusters that another version manages and that stay.
    private static func live(of pin: PluginPin, in snapshot: Snapshot) -> [Cluster] {
        snapshot.clusters(ofPlugin: pin.id).filter { $0.plugin != pin && $0.phase != .deleting }
    }

    private static func differs(_ report: ShadowReport) -> Problem {
        let differing = report.clusters.filter { !$0.isClean }
        let first = differing.first.map { shadow -> String in
            let name = "\(shadow.cluster.tenant)/\(shadow.cluster.project)/\(shadow.cluster.name)"
            if let problem = shadow.problem { return " \(name): \(problem.message)" }
            if let place = shadow.nondeterminism.first { return " It plans \(name) in two ways, at \(place.at)." }
            return " \(name) would be planned otherwise at \(shadow.differences.first?.at ?? "")."
        }
        return Problem(
            .shadowDiffers,
            "The plugin \(report.to.words) would not plan \(differing.count) of \(report.clusters.count) clusters as they were planned.\(first ?? "")",
            remedy: "Look at the differences; when they are meant, accept them.",
            facts: ["report": (try? JSONValue(encoding: report)) ?? .null])
    }
}
