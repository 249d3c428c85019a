// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel

/// The versions of one plugin that are on record, newest first, and which of them a request means.
struct PluginVersions {
    let id: String
    let entries: [Entry<Plugin>]

    /// - Throws: `not-found` when there is none.
    init(of id: String, in snapshot: Snapshot) throws(Problem) {
        self.id = id
        entries = snapshot.plugins.compactMap { $0.entry.value.pin.id == id ? $0.entry : nil }.sorted { left, right in
            let (older, newer) = (SemanticVersion(right.value.pin.version), SemanticVersion(left.value.pin.version))
            return older == newer
                ? (left.value.installedAt, left.value.pin.sha256) > (right.value.installedAt, right.value.pin.sha256) : older < newer
        }
        guard !entries.isEmpty else { throw .notFound("plugin", id) }
    }

    var newest: Entry<Plugin> { entries[0] }
    var enabled: Entry<Plugin>? { entries.first { $0.value.state == .enabled } }

    func entry(of pin: PluginPin) -> Entry<Plugin>? { entries.first { $0.value.pin == pin } }

    /// What an admin has let any version of this plugin put on nodes.
    var approvedPackages: Set<String> { Set(entries.flatMap { $0.value.allowedPackages }) }

    /// - Parameter text: a semantic version, or at least four digits of the beginning of a hash.
    func named(_ text: String, field: String) throws(Problem) -> Entry<Plugin> {
        let byVersion = entries.filter { $0.value.pin.version == text }
        let isHash = text.utf8.count >= 4 && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
        let found = byVersion.isEmpty && isHash ? entries.filter { $0.value.pin.sha256.hasPrefix(text) } : byVersion
        guard let first = found.first else {
            throw Problem(
                .notFound, "There is no version '\(text.prefix(80))' of the plugin '\(id)'.", field: field,
                remedy: "There are: \(Self.list(entries)).")
        }
        guard found.count == 1 else { throw ambiguous(found, field: field) }
        return first
    }

    /// The one that is named, or the only one that the request can mean.
    ///
    /// - Parameter what: completes "No version of the plugin … ".
    func only(_ name: String?, where belongs: (Plugin) -> Bool, _ what: String) throws(Problem) -> Entry<Plugin> {
        if let name { return try named(name, field: "/version") }
        let candidates = entries.filter { belongs($0.value) }
        guard let first = candidates.first else {
            throw Problem(
                .conflict, "No version of the plugin '\(id)' \(what).",
                remedy: "There are: \(entries.map { "\($0.value.pin.version) (\($0.value.state.rawValue))" }.joined(separator: ", ")).")
        }
        guard candidates.count == 1 else { throw ambiguous(candidates, field: "/version") }
        return first
    }

    private func ambiguous(_ candidates: [Entry<Plugin>], field: String) -> Problem {
        Problem(
            .invalidParameters, "More than one version of the plugin '\(id)' can be meant.", field: field,
            remedy: "Name one: \(Self.list(candidates)).")
    }

    private static func list(_ entries: [Entry<Plugin>]) -> String {
        entries.map { "\($0.value.pin.version) (\($0.value.pin.sha256.prefix(12)))" }.joined(separator: ", ")
    }
}

extension PluginPin {
    /// For sentences.
    var words: String { "'\(id)' \(version)" }
}

extension Snapshot {
    func plugin(_ pin: PluginPin) -> Entry<Plugin>? { plugins[Keys.plugin(pin)] }

    /// Sorted by name.
    func clusters(ofPlugin id: String) -> [Cluster] {
        clusters.values.filter { $0.plugin.id == id }
            .sorted { ($0.tenantName, $0.projectName, $0.name) < ($1.tenantName, $1.projectName, $1.name) }
    }
}

extension Cluster {
    var pinned: PluginDetail.PinnedCluster {
        .init(id: id, name: name, tenant: tenantName, project: projectName, pin: plugin)
    }
}
