// SPDX-License-Identifier: Apache-2.0

public import FoundationEssentials
public import ImpresarioModel
import ImpresarioPlugins
import Logging

extension Broker {
    /// Takes a library in: its copy is checked in a throw-away guest and recorded. No cluster uses it before it is enabled.
    ///
    /// - Parameter receive: hands the library's bytes to `write`, piece by piece; only called for an admin.
    /// - Returns: the record, and whether it is new. The same content again answers the record that there is.
    /// - Throws: `plugin-invalid` and what else the check found, `already-exists`; nothing is left of the library then.
    public func installPlugin(
        for caller: Caller, _ receive: (_ write: (Data) throws(Problem) -> Void) async throws(Problem) -> Void
    ) async throws(Problem) -> (plugin: Plugin, isNew: Bool) {
        try caller.requireAdmin("install plugins")
        guard let library = parts.library else { throw Problem(.notSupportedYet, "This broker keeps no plugins.") }
        let arrival = try library.receive()
        try await receive { bytes throws(Problem) in try arrival.write(bytes) }
        guard !arrival.isEmpty else { throw Problem(.invalidBody, "The library is empty.") }
        return try await pluginLocks.alone(with: "") { () throws(Problem) -> (plugin: Plugin, isNew: Bool) in
            let (plugin, isNew) = try await take(arrival, into: library) { plugin, _ in plugin }
            guard isNew else { return (plugin, false) }
            do throws(Problem) {
                try await ledger.transact { snapshot, draft throws(Problem) in
                    try Self.checkPlace(of: plugin, in: snapshot)
                    try draft.insert(plugin, at: Keys.plugin(plugin.pin))
                    try draft.record(
                        self.event("plugin.installed", by: caller.name, "Plugin \(plugin.pin.words) was installed.", data: plugin.pin.facts)
                    )
                }
            } catch {
                await parts.plugins.unregister(plugin.pin)
                library.remove(hash: plugin.pin.sha256)
                throw error
            }
            return (plugin, true)
        }
    }

    /// Makes the plugins on record callable, and puts those of `paths` that are new on record. Called before ``run()``.
    ///
    /// A plugin that nobody knew is enabled with the packages it names: whoever fills the folder has put it there for that. Another version of a
    /// plugin on record is installed only: enabling it is an upgrade, and an admin's decision.
    ///
    /// A version that clusters are pinned to stays callable from the broker's own copy, also when its file is gone from where it was found.
    ///
    /// - Returns: the problems of libraries that cannot be used, by path; they do not keep the broker from starting.
    public func load(libraries paths: [String]) async throws(Problem) -> [(path: String, problem: Problem)] {
        guard let library = parts.library else { return [] }
        let known = ledger.snapshot.plugins.values
        library.removeAll(except: Set(known.map(\.pin.sha256)))
        for plugin in known {
            if library.contains(hash: plugin.pin.sha256) {
                await parts.plugins.register(plugin.pin, manifest: plugin.manifest, library: library.path(ofHash: plugin.pin.sha256))
            }
            if let quarantine = plugin.quarantine { await parts.plugins.quarantine(plugin.pin, reason: quarantine.reason) }
        }
        var problems: [(path: String, problem: Problem)] = []
        for path in paths {
            do throws(Problem) { try await load(path, into: library) } catch { problems.append((path, error)) }
        }
        return problems
    }

    private func load(_ path: String, into library: PluginLibrary) async throws(Problem) {
        let hash = try library.hash(ofFile: path)
        if library.contains(hash: hash) { return }
        let (plugin, isNew) = try await take(library.receive(file: path), into: library) { plugin, snapshot in
            guard !snapshot.plugins.values.contains(where: { $0.pin.id == plugin.pin.id }) else { return plugin }
            var plugin = plugin
            plugin.state = .enabled
            plugin.approvedPackages = plugin.manifest.packages
            return plugin
        }
        guard isNew else { return }
        let isEnabled = plugin.state == .enabled
        try await commitAtStart { draft throws(Problem) in
            try draft.put(plugin, at: Keys.plugin(plugin.pin))
            try draft.record(
                event(
                    "plugin.found", by: "broker", "Plugin \(plugin.pin.words) was found and \(isEnabled ? "enabled" : "installed").",
                    data: plugin.pin.facts))
        }
        if !isEnabled {
            logger.notice(
                "another version of a plugin was found; it is used when an admin upgrades to it",
                metadata: ["plugin": "\(plugin.pin.id)", "version": "\(plugin.pin.version)", "file": "\(path)"])
        }
    }

    /// Checks a library that arrived and keeps its copy.
    ///
    /// - Returns: its record, which is not written yet when it is new. A copy that was lost is there again.
    private func take(
        _ arrival: PluginArrival, into library: PluginLibrary, _ decide: (Plugin, Snapshot) -> Plugin
    ) async throws(Problem) -> (plugin: Plugin, isNew: Bool) {
        let hash = arrival.sha256
        let known = ledger.snapshot.plugins.values.first { $0.pin.sha256 == hash }
        let plugin: Plugin
        if let known {
            plugin = known
        } else {
            let inspection = try await parts.plugins.inspect(library: arrival.path)
            let manifest = inspection.manifest
            let found = Plugin(
                pin: PluginPin(id: manifest.id, version: manifest.version, sha256: hash), manifest: manifest, state: .installed,
                sandbox: inspection.sandbox, installedAt: clock(), approvedPackages: [])
            plugin = decide(found, ledger.snapshot)
            try Self.checkPlace(of: plugin, in: ledger.snapshot)
        }
        if !library.contains(hash: hash) { try arrival.keep() }
        await parts.plugins.register(plugin.pin, manifest: plugin.manifest, library: library.path(ofHash: hash))
        return (plugin, known == nil)
    }

    /// One content per version, one plugin per type.
    private static func checkPlace(of plugin: Plugin, in snapshot: Snapshot) throws(Problem) {
        let types = Set(plugin.manifest.types.map(\.id))
        for other in snapshot.plugins.values {
            if other.pin.id == plugin.pin.id {
                guard other.pin.version != plugin.pin.version else {
                    throw Problem(
                        .exists,
                        "There is another library of the plugin \(plugin.pin.words): \(other.pin.sha256.prefix(12)), this is \(plugin.pin.sha256.prefix(12)).",
                        remedy: "Give the new one a version of its own, or uninstall the other first.", facts: other.pin.members)
                }
            } else if let type = other.manifest.types.first(where: { types.contains($0.id) })?.id {
                throw Problem(
                    .exists, "The plugin \(plugin.pin.words) brings the cluster type '\(type)', which the plugin '\(other.pin.id)' has.",
                    remedy: "Uninstall all versions of the one that is not wanted.", facts: other.pin.members)
            }
        }
    }
}

extension PluginPin {
    var members: [String: JSONValue] { ["plugin": .string(id), "version": .string(version), "sha256": .string(sha256)] }
    var facts: JSONValue { .object(members) }
}
