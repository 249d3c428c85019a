// SPDX-License-Identifier: Apache-2.0

public import ImpresarioModel
import ImpresarioPlugins
public import ImpresarioStore

extension Broker {
    public func plugins(for caller: Caller, page: PageRequest) throws(Problem) -> EncodedPage {
        try caller.requireAdmin("see plugins")
        return try EncodedPage.of(ledger.snapshot.plugins, page)
    }

    public func setPlugin(
        _ id: String, _ update: PluginUpdate, expecting expected: Revision?, for caller: Caller
    ) async throws(Problem) -> Plugin {
        try caller.requireAdmin("change plugins")
        return try await ledger.transact { snapshot, draft throws(Problem) in
            let versions = snapshot.plugins.filter { $0.entry.value.pin.id == id }
            guard let (key, entry) = versions.max(by: { $0.entry.value.installedAt < $1.entry.value.installedAt }) else {
                throw .notFound("plugin", id)
            }
            try entry.require(expected)
            var plugin = entry.value
            plugin.state = update.state
            guard plugin != entry.value else { return plugin }
            draft.orderAdmission(after: snapshot)
            try draft.replace(entry, with: plugin, at: key)
            try draft.record(self.event("plugin.\(update.state.rawValue)", by: caller.name, "Plugin '\(id)' is \(update.state.rawValue)."))
            return plugin
        }
    }

    /// The types of all plugins, each from the version that new clusters would get.
    public func types(for caller: Caller) -> [TypeView] {
        let snapshot = ledger.snapshot
        let ids = Set(snapshot.plugins.values.flatMap { $0.manifest.types.map(\.id) })
        return ids.sorted().compactMap { view(of: $0, in: snapshot) }
    }

    public func type(_ id: String, for caller: Caller) throws(Problem) -> TypeView {
        guard let view = view(of: id, in: ledger.snapshot) else { throw .notFound("cluster type", id) }
        return view
    }

    private func view(of type: String, in snapshot: Snapshot) -> TypeView? {
        guard let plugin = snapshot.plugin(forType: type), let known = plugin.manifest.types.first(where: { $0.id == type }) else {
            return nil
        }
        return TypeView(type: known, plugin: plugin.pin, enabled: plugin.state == .enabled)
    }

    /// Makes the libraries that were found at start callable and puts them on record, enabled. Called before ``run()``.
    ///
    /// A library that clusters are pinned to and that is not among them stays on record: its clusters can be deleted, not operated.
    ///
    /// - Returns: the problems of libraries that cannot be used, by path; they do not keep the broker from starting.
    public func load(libraries paths: [String]) async throws(Problem) -> [(path: String, problem: Problem)] {
        var problems: [(path: String, problem: Problem)] = []
        for path in paths {
            let inspection: Inspection
            do throws(Problem) { inspection = try await parts.plugins.inspect(library: path) } catch {
                problems.append((path, error))
                continue
            }
            let pin = PluginPin(id: inspection.manifest.id, version: inspection.manifest.version, sha256: inspection.sha256)
            await parts.plugins.register(pin, manifest: inspection.manifest, library: path)
            let key = Keys.plugin(pin)
            guard ledger.snapshot.plugins[key] == nil else { continue }
            let plugin = Plugin(pin: pin, manifest: inspection.manifest, state: .enabled, sandbox: inspection.sandbox, installedAt: clock())
            try await commitAtStart { draft throws(Problem) in
                try draft.put(plugin, at: key)
                try draft.record(event("plugin.found", by: "broker", "Plugin '\(pin.id)' \(pin.version) was found and enabled."))
            }
        }
        return problems
    }
}
