// SPDX-License-Identifier: Apache-2.0

package import ImpresarioModel

/// What a plugin planned is input from outside: checked before anything is decided from it.
package enum PlanCheck {
    static let nodesPerCluster = 1000

    /// - Throws: `plugin-failed` that names the plugin's mistake by JSON pointer.
    ///
    /// - Parameter packages: those of the manifest that an admin approved; nil: all.
    package static func check(_ plan: ClusterPlan, manifest: PluginManifest, packages: [String]? = nil) throws(Problem) {
        func refuse(_ field: String, _ what: String) -> Problem {
            Problem(
                .pluginFailed, "The plugin '\(manifest.id)' \(manifest.version) made a plan that cannot be: \(what).",
                field: "/plan\(field)")
        }
        var names = Set<String>()
        var count = 0
        for (index, group) in plan.groups.enumerated() {
            guard Name.isValid(group.name), group.name.utf8.count <= 20 else {
                throw refuse("/groups/\(index)/name", "'\(group.name.prefix(80))' is no name of at most 20 characters")
            }
            guard names.insert(group.name).inserted else { throw refuse("/groups/\(index)/name", "'\(group.name)' is there twice") }
            guard (0...nodesPerCluster).contains(group.count) else {
                throw refuse("/groups/\(index)/count", "\(group.count) is not between 0 and \(nodesPerCluster)")
            }
            count += group.count
            for package in group.packages ?? [] where !(packages ?? manifest.packages).contains(package) {
                let who = manifest.packages.contains(package) ? "an admin approved" : "the plugin declares"
                throw refuse("/groups/\(index)/packages", "the package '\(package.prefix(80))' is not among those \(who)")
            }
        }
        guard (1...nodesPerCluster).contains(count) else {
            throw refuse("/groups", "\(count) nodes are not between 1 and \(nodesPerCluster)")
        }
        for (index, endpoint) in (plan.endpoints ?? []).enumerated() {
            guard Name.isValid(endpoint.name) else {
                throw refuse("/endpoints/\(index)/name", "'\(endpoint.name.prefix(80))' is not a name")
            }
            guard names.contains(endpoint.group) else {
                throw refuse("/endpoints/\(index)/group", "there is no group '\(endpoint.group.prefix(80))'")
            }
            guard (1...65535).contains(endpoint.port) else { throw refuse("/endpoints/\(index)/port", "\(endpoint.port) is not a port") }
        }
    }
}
