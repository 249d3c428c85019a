// SPDX-License-Identifier: Apache-2.0

public import ImpresarioModel
import ImpresarioScheduling

extension Broker {
    /// A host with what it carries, and why a drain does not go on.
    public func host(_ name: String, for caller: Caller) throws(Problem) -> HostDetail {
        try caller.requireAdmin("see hosts")
        let snapshot = ledger.snapshot
        guard let host = snapshot.hosts[Keys.host(name)]?.value else { throw .notFound("host", name) }
        let clusters = snapshot.clusters(on: name)
        return HostDetail(
            host: host, used: snapshot.inventory.hosts.first { $0.host.name == name }?.used ?? [:],
            nodes: clusters.flatMap { cluster in
                cluster.nodes.filter { $0.host == name }.map {
                    HostDetail.Carried(
                        tenant: cluster.tenantName, project: cluster.projectName, cluster: cluster.name, name: $0.name, state: $0.state,
                        resources: cluster.occupied(by: $0))
                }
            },
            tombstones: snapshot.tombstones.map(\.entry.value).filter { $0.host == name }.sorted { $0.node < $1.node },
            blocked: host.state == .draining ? clusters.compactMap { blocked($0, on: name, in: snapshot) } : [])
    }

    /// The same decision that a drain makes, without the commit.
    private func blocked(_ cluster: Cluster, on host: String, in snapshot: Snapshot) -> HostDetail.Blocked? {
        guard let entry = snapshot.cluster(cluster.id), snapshot.runningOperation(of: cluster)?.value.kind != .replace else { return nil }
        var problem = cluster.failedMending(in: snapshot)?.problem
        do throws(Problem) {
            var draft = Draft()
            _ = try Mending(snapshot: snapshot, ids: ids, now: clock()).handOver(
                entry, Mending.share(of: cluster, on: host), why: "", by: "broker", &draft)
        } catch { problem = error }
        return problem.map {
            HostDetail.Blocked(tenant: cluster.tenantName, project: cluster.projectName, cluster: cluster.name, problem: $0)
        }
    }
}
