// SPDX-License-Identifier: Apache-2.0

public import ImpresarioModel
import ImpresarioPlugins

extension Broker {
    /// Offers a version to new clusters. Those that are there stay with theirs.
    ///
    /// - Throws: `approval-required` with the packages that nobody has approved yet, `conflict` while another version is enabled.
    public func enablePlugin(_ id: String, _ request: EnablePlugin, for caller: Caller) async throws(Problem) -> Plugin {
        try caller.requireAdmin("enable plugins")
        return try await ledger.transact { snapshot, draft throws(Problem) in
            let versions = try PluginVersions(of: id, in: snapshot)
            let entry = try request.version.map { text throws(Problem) in try versions.named(text, field: "/version") } ?? versions.newest
            if let other = versions.enabled, other.value.pin != entry.value.pin {
                throw Problem(
                    .conflict, "The plugin '\(id)' is enabled with version \(other.value.pin.version).",
                    remedy: "Upgrade it to \(entry.value.pin.version), or disable \(other.value.pin.version) first.",
                    facts: other.value.pin.members)
            }
            let plugin = try Self.enabling(entry.value, among: versions, approving: request.approve)
            guard plugin != entry.value else { return plugin }
            draft.orderAdmission(after: snapshot)
            try draft.replace(entry, with: plugin, at: Keys.plugin(plugin.pin))
            try draft.record(
                self.event("plugin.enabled", by: caller.name, "Plugin \(plugin.pin.words) is enabled.", data: plugin.pin.facts))
            return plugin
        }
    }

    /// Keeps new clusters out; existing ones stay managed.
    public func disablePlugin(_ id: String, _ request: PluginVersion, for caller: Caller) async throws(Problem) -> Plugin {
        try caller.requireAdmin("disable plugins")
        return try await ledger.transact { snapshot, draft throws(Problem) in
            let versions = try PluginVersions(of: id, in: snapshot)
            let isAsked = versions.enabled == nil && request.version == nil
            let entry = try versions.only(request.version, where: { $0.state == (isAsked ? .disabled : .enabled) }, "is enabled")
            var plugin = entry.value
            switch plugin.state {
            case .disabled: return plugin
            case .enabled: plugin.state = .disabled
            case .installed, .quarantined:
                throw Problem(
                    .conflict, "The plugin \(plugin.pin.words) is \(plugin.state.rawValue), not enabled.",
                    remedy: "New clusters do not get it; there is nothing to disable.")
            }
            draft.orderAdmission(after: snapshot)
            try draft.replace(entry, with: plugin, at: Keys.plugin(plugin.pin))
            try draft.record(
                self.event("plugin.disabled", by: caller.name, "Plugin \(plugin.pin.words) is disabled.", data: plugin.pin.facts))
            return plugin
        }
    }

    /// Takes a version off the record and its copy off the disk.
    ///
    /// - Throws: `in-use` while it is enabled or clusters are pinned to it.
    public func uninstallPlugin(_ id: String, _ request: PluginVersion, for caller: Caller) async throws(Problem) -> Plugin {
        try caller.requireAdmin("uninstall plugins")
        return try await pluginLocks.alone(with: "") { () throws(Problem) -> Plugin in
            let plugin = try await ledger.transact { snapshot, draft throws(Problem) in
                let versions = try PluginVersions(of: id, in: snapshot)
                let pinned = Dictionary(grouping: snapshot.clusters(ofPlugin: id), by: \.plugin)
                let entry = try versions.only(
                    request.version, where: { versions.entries.count == 1 || ($0.state != .enabled && pinned[$0.pin] == nil) },
                    "is neither enabled nor in use")
                let plugin = entry.value
                let moving = snapshot.unfinished.all.compactMap { snapshot.operations[$0]?.value }
                    .first { $0.pins?.from == plugin.pin || $0.pins?.to == plugin.pin }
                if let moving {
                    throw Problem(
                        .inUse,
                        "The operation \(moving.id) moves cluster '\(moving.clusterName)' from or to the plugin \(plugin.pin.words).",
                        remedy: "Wait for its end.")
                }
                if let clusters = pinned[plugin.pin] { throw Self.inUse(plugin.pin, by: clusters) }
                guard plugin.state != .enabled else {
                    throw Problem(.inUse, "The plugin \(plugin.pin.words) is enabled.", remedy: "Disable it first.")
                }
                // A cluster that is being admitted with it is decided after this.
                draft.orderAdmission(after: snapshot)
                draft.remove(entry, at: Keys.plugin(plugin.pin))
                try draft.record(
                    self.event("plugin.uninstalled", by: caller.name, "Plugin \(plugin.pin.words) was uninstalled.", data: plugin.pin.facts)
                )
                return plugin
            }
            await parts.plugins.unregister(plugin.pin)
            await parts.plugins.lift(plugin.pin)
            parts.library?.remove(hash: plugin.pin.sha256)
            return plugin
        }
    }

    /// The record as it is when enabled.
    ///
    /// - Throws: `approval-required`, `plugin-quarantined`.
    static func enabling(_ plugin: Plugin, among versions: PluginVersions, approving packages: [String]?) throws(Problem) -> Plugin {
        guard plugin.state != .quarantined else {
            throw Problem(
                .pluginQuarantined, "The plugin \(plugin.pin.words) is quarantined: \(plugin.quarantine?.reason ?? "")",
                remedy: "Lift the quarantine first.")
        }
        let named = plugin.manifest.packages
        for (index, package) in (packages ?? []).enumerated() where !named.contains(package) {
            throw Problem(
                .invalidParameters, "The plugin \(plugin.pin.words) does not ask for the package '\(package.prefix(80))'.",
                field: "/approve/\(index)", remedy: named.isEmpty ? "It asks for none." : "It asks for \(named.joined(separator: ", ")).")
        }
        let approved = versions.approvedPackages.union(packages ?? [])
        let missing = named.filter { !approved.contains($0) }
        guard missing.isEmpty else {
            throw Problem(
                .approvalRequired,
                "The plugin \(plugin.pin.words) puts packages on nodes that nobody has approved yet: \(missing.joined(separator: ", ")).",
                field: "/approve", remedy: "Look at them, then approve them by name.",
                facts: ["packages": .array(named.map { .string($0) }), "missing": .array(missing.map { .string($0) })])
        }
        var plugin = plugin
        plugin.state = .enabled
        plugin.approvedPackages = named
        return plugin
    }

    private static func inUse(_ pin: PluginPin, by clusters: [Cluster]) -> Problem {
        let names = clusters.prefix(10).map { "\($0.tenantName)/\($0.projectName)/\($0.name)" }
        let rest = clusters.count > names.count ? " and \(clusters.count - names.count) more" : ""
        return Problem(
            .inUse, "The plugin \(pin.words) manages \(clusters.count) clusters: \(names.joined(separator: ", "))\(rest).",
            remedy: "Move them to another version, or delete them.",
            facts: ["clusters": .array(names.map { .string($0) }), "count": .integer(Int64(clusters.count))])
    }
}
