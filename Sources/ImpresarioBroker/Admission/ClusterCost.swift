// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel

extension Snapshot {
    /// What a cluster costs: each node, and each that may come for an upgrade, at its flavor's price of now.
    ///
    /// - Returns: nil when none of its flavors has a price, or the sum is more than can be counted.
    func cost(of cluster: Cluster, now: Timestamp) -> DryRun.Cost? {
        var hourly = Price(millionths: 0)
        for group in cluster.groups {
            guard let price = flavors[Keys.flavor(group.flavor)]?.value.hourlyPrice else { continue }
            let count = Int64(group.count + (group.surge ?? 0))
            guard let sum = price.multiplied(by: count).flatMap({ hourly.adding($0) }) else { return nil }
            hourly = sum
        }
        guard hourly.millionths > 0 else { return nil }
        guard let end = cluster.lease?.expiresAt else { return DryRun.Cost(hourly: hourly) }
        let seconds = max(0, (end - now).components.seconds)
        return DryRun.Cost(
            hourly: hourly, total: hourly.multiplied(by: seconds).map { Price(millionths: $0.millionths / 3600) }, until: end)
    }
}
