// SPDX-License-Identifier: Apache-2.0

public import ImpresarioModel

/// One limit, what is used of it and what a request would add.
public struct QuotaLine: Codable, Hashable, Sendable {
    public enum Level: String, Codable, Sendable { case tenant, project }
    public var level: Level
    /// Of the tenant or project.
    public var name: String
    public var key: String
    /// Quantities as text; nil limit: tracked, not enforced.
    public var limit: String?
    public var used: String
    public var asked: String
}

/// Limits at every level against what exists and what is asked.
struct QuotaCheck {
    let snapshot: Snapshot

    /// - Returns: a line for each level and key asked for.
    /// - Throws: `quota-exceeded` that names level, key, limit, used and asked of the first limit in the way, and all others in `errors`.
    func check(_ asked: ResourceVector, tenant: Tenant, project: Project) throws(Problem) -> [QuotaLine] {
        var lines: [QuotaLine] = []
        var exceeded: [Problem] = []
        let levels: [(QuotaLine.Level, String, ResourceVector, ResourceVector)] = [
            (.tenant, tenant.name, tenant.limits, try snapshot.use(ofTenant: tenant.id)),
            (.project, project.name, project.limits, try snapshot.use(ofProject: project.id)),
        ]
        for (level, name, limits, used) in levels {
            let sum = try used.adding(asked)
            for key in asked.keys {
                let limit = limits.amounts[key]
                let line = QuotaLine(
                    level: level, name: name, key: key, limit: limit.map { Quantity.format($0, of: key) },
                    used: Quantity.format(used[key], of: key), asked: Quantity.format(asked[key], of: key))
                lines.append(line)
                if let limit, sum[key] > limit { exceeded.append(Self.problem(line)) }
            }
        }
        guard var problem = exceeded.first else { return lines }
        if exceeded.count > 1 { problem.errors = exceeded }
        throw problem
    }

    private static func problem(_ line: QuotaLine) -> Problem {
        let limit = line.limit ?? "none"
        return Problem(
            .quotaExceeded,
            "The limit of \(line.level.rawValue) '\(line.name)' on \(line.key) is \(limit): \(line.used) used, \(line.asked) asked.",
            remedy: line.level == .tenant ? "Ask for less, delete clusters, or ask an admin to raise the limit."
                : "Ask for less, delete clusters, or ask a tenant-admin to raise the limit.",
            facts: [
                "level": .string(line.level.rawValue), "name": .string(line.name), "key": .string(line.key), "limit": .string(limit),
                "used": .string(line.used), "asked": .string(line.asked),
            ])
    }
}
