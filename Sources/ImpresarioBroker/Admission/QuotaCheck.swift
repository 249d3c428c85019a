// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel

/// Limits at every level against what exists and what is asked.
struct QuotaCheck {
    let snapshot: Snapshot

    /// - Returns: a line for each level, outermost first.
    /// - Throws: `quota-exceeded` that names level, key, limit, used and asked of the first limit in the way, and all of them in `errors`.
    func check(_ asked: ResourceVector, tenant: Tenant, project: Project) throws(Problem) -> [DryRun.Level] {
        let levels = [
            DryRun.Level(
                level: "tenant", name: tenant.name, limits: tenant.limits, used: try snapshot.use(ofTenant: tenant.id), asked: asked),
            DryRun.Level(
                level: "project", name: project.name, limits: project.limits, used: try snapshot.use(ofProject: project.id), asked: asked),
        ]
        var exceeded: [Problem] = []
        for level in levels {
            let sum = try level.used.adding(asked)
            for key in asked.keys {
                if let limit = level.limits[key], sum[key] > limit { exceeded.append(Self.problem(key, at: level)) }
            }
        }
        guard var problem = exceeded.first else { return levels }
        if exceeded.count > 1 { problem.errors = exceeded }
        throw problem
    }

    private static func problem(_ key: String, at level: DryRun.Level) -> Problem {
        let limit = Quantity.format(level.limits[key] ?? 0, of: key)
        let used = Quantity.format(level.used[key], of: key)
        let asked = Quantity.format(level.asked[key], of: key)
        let raiser = level.level == "tenant" ? "an admin" : "a tenant-admin"
        return Problem(
            .quotaExceeded, "The limit of \(level.level) '\(level.name)' on \(key) is \(limit): \(used) used, \(asked) asked.",
            remedy: "Ask for less, delete clusters, or ask \(raiser) to raise the limit.",
            facts: [
                "level": .string(level.level), "name": .string(level.name), "key": .string(key), "limit": .string(limit),
                "used": .string(used), "asked": .string(asked),
            ])
    }
}
