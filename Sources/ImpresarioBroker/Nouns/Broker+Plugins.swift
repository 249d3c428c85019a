// SPDX-License-Identifier: Apache-2.0

public import ImpresarioModel

extension Broker {
    public func plugins(for caller: Caller, page: PageRequest) throws(Problem) -> EncodedPage {
        try caller.requireAdmin("see plugins")
        return try EncodedPage.of(ledger.snapshot.plugins, page)
    }

    /// All versions of one plugin and what is pinned to each.
    public func plugin(_ id: String, for caller: Caller) throws(Problem) -> PluginDetail {
        try caller.requireAdmin("see plugins")
        let snapshot = ledger.snapshot
        return PluginDetail(
            id: id, versions: try PluginVersions(of: id, in: snapshot).entries.map(\.value),
            clusters: snapshot.clusters(ofPlugin: id).map(\.pinned))
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
}
