// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel

extension PluginDetail {
    /// All that an admin decides from: a part for each version, newest first.
    var text: String {
        var text = Fields([("plugin", id), ("versions", String(versions.count)), ("clusters", String(clusters.count))]).render()
        for version in versions { text += "\n\n" + version.text(clusters: clusters.filter { $0.pin == version.pin }) }
        let known = Set(versions.map(\.pin))
        let orphans = clusters.filter { !known.contains($0.pin) }
        if !orphans.isEmpty { text += "\nclusters of versions that are gone:\n" + Self.names(orphans) }
        return text
    }

    static func names(_ clusters: [PinnedCluster]) -> String {
        clusters.map { "  \($0.tenant)/\($0.project)/\($0.name)   \($0.pin.version)\n" }.joined()
    }
}

extension Plugin {
    func text(clusters: [PluginDetail.PinnedCluster]) -> String {
        let packages = manifest.packages.map { isApproved($0) ? $0 : "\($0) (not approved)" }
        var text = Fields([
            ("version", pin.version), ("state", state.rawValue), ("sha256", pin.sha256), ("vendor", manifest.vendor),
            ("license", manifest.license), ("url", manifest.url), ("state format", String(manifest.stateFormat)),
            ("installed", installedAt.short),
            ("types", manifest.types.map(\.id).joined(separator: " ")),
            ("packages", packages.isEmpty ? "none" : packages.joined(separator: ", ")),
        ]).render()
        if let quarantine {
            text += "\nquarantined \(quarantine.since.short): \(Table.printable(quarantine.reason))\n"
            text += quarantine.lines.isEmpty ? "" : "last lines:\n" + quarantine.lines.map { "  \(Table.printable($0))\n" }.joined()
        }
        if !sandbox.isEmpty {
            let rows = sandbox.map { [$0.name, $0.isActive ? "yes" : "NO", $0.detail] }
            text += "\n" + Table(columns: ["SANDBOX", "ACTIVE", "DETAIL"], rows: rows).render()
        }
        let names = clusters.map { ["\($0.tenant)/\($0.project)/\($0.name)"] }
        text += "\n" + (clusters.isEmpty ? "no clusters\n" : Table(columns: ["CLUSTERS"], rows: names).render())
        return text
    }

    private func isApproved(_ package: String) -> Bool {
        // Nobody was asked yet.
        guard state != .installed || approvedPackages != nil else { return false }
        return approvedPackages?.contains(package) ?? true
    }
}
