// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel

extension Table {
    /// A row for each key that is limited or used.
    init(_ quota: Quota) {
        let keys = Set(quota.limits.keys).union(quota.used.keys).sorted()
        self.init(
            columns: ["RESOURCE", "USED", "LIMIT"],
            rows: keys.map { key in
                let limit = quota.limits.amounts[key].map { Quantity.format($0, of: key) }
                return [key, Quantity.format(quota.used[key], of: key), limit ?? "none"]
            },
            numeric: [1, 2])
    }

    /// A row for each level and key that a request would use.
    init(_ dryRun: DryRun) {
        self.init(
            columns: ["LEVEL", "NAME", "RESOURCE", "ASKED", "USED", "LIMIT"],
            rows: dryRun.quota.flatMap { level in
                level.asked.keys.map { key in
                    let limit = level.limits.amounts[key].map { Quantity.format($0, of: key) }
                    return [
                        level.level, level.name, key, Quantity.format(level.asked[key], of: key), Quantity.format(level.used[key], of: key),
                        limit ?? "none",
                    ]
                }
            },
            numeric: [3, 4, 5])
    }
}

extension DryRun {
    /// Where the nodes would stand, what they would count at each level, and what they would cost.
    var text: String {
        var text = Table(cluster.nodes).render() + "\n" + Table(self).render()
        if let cost {
            text += "\ncost: \(cost.hourly) an hour"
            if let total = cost.total, let until = cost.until { text += ", \(total) until \(until.short)" }
            text += "\n"
        }
        return text
    }
}
