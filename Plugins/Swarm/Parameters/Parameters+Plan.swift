// SPDX-License-Identifier: Apache-2.0

import ImpresarioPluginKit

extension Parameters {
    /// The nodes and the port that these parameters ask for.
    func plan() -> ClusterPlan {
        var groups = [
            ClusterPlan.Group(
                name: Role.manager.rawValue, role: Role.manager.rawValue, count: managers, flavor: managerFlavor, packages: Swarm.packages,
                batch: 1, spread: .init(by: .host, mode: .prefer), disruption: .init(maxUnavailable: 1, quorum: true))
        ]
        if workers > 0 {
            groups.append(
                ClusterPlan.Group(
                    name: Role.worker.rawValue, role: Role.worker.rawValue, count: workers, flavor: workerFlavor, packages: Swarm.packages,
                    batch: 16, spread: .init(by: .host, mode: .prefer), disruption: .init(maxUnavailable: max(1, workers / 4))))
        }
        let published = publish.flatMap { port in
            groups.map { ClusterPlan.PlannedEndpoint(name: "port-\(port)-\($0.name)", group: $0.name, port: port, expose: .tenant) }
        }
        return ClusterPlan(
            groups: groups,
            endpoints: [.init(name: Access.endpointName, group: Role.manager.rawValue, port: Access.port, expose: .tenant)] + published)
    }
}
