// SPDX-License-Identifier: Apache-2.0

public import ImpresarioModel
public import ImpresarioPlugins
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

    /// Makes the plugins on record callable, and puts those of `paths` that are new on record, enabled. Called before ``run()``.
    ///
    /// A version that clusters are pinned to stays callable from the broker's own copy, also when its file is gone from where it was found.
    ///
    /// - Returns: the problems of libraries that cannot be used, by path; they do not keep the broker from starting.
    public func load(libraries paths: [String], into library: PluginLibrary) async throws(Problem) -> [(path: String, problem: Problem)] {
        for plugin in ledger.snapshot.plugins.values where library.contains(hash: plugin.pin.sha256) {
            await parts.plugins.register(plugin.pin, manifest: plugin.manifest, library: library.path(ofHash: plugin.pin.sha256))
        }
        var problems: [(path: String, problem: Problem)] = []
        for path in paths {
            do throws(Problem) {
                try await load(hash: library.adopt(path), from: library)
            } catch { problems.append((path, error)) }
        }
        return problems
    }

    private func load(hash sha256: String, from library: PluginLibrary) async throws(Problem) {
        guard !ledger.snapshot.plugins.values.contains(where: { $0.pin.sha256 == sha256 }) else { return }
        let path = library.path(ofHash: sha256)
        let inspection = try await parts.plugins.inspect(library: path)
        let pin = PluginPin(id: inspection.manifest.id, version: inspection.manifest.version, sha256: sha256)
        await parts.plugins.register(pin, manifest: inspection.manifest, library: path)
        let plugin = Plugin(pin: pin, manifest: inspection.manifest, state: .enabled, sandbox: inspection.sandbox, installedAt: clock())
        try await commitAtStart { draft throws(Problem) in
            try draft.put(plugin, at: Keys.plugin(pin))
            try draft.record(event("plugin.found", by: "broker", "Plugin '\(pin.id)' \(pin.version) was found and enabled."))
        }
    }
}
