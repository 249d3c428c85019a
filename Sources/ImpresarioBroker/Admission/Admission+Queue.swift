// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel
import ImpresarioScheduling

extension Admission {
    /// A place in line for a request that fits the limits and finds no room now: it is promised nothing and counts nothing.
    ///
    /// - Throws: what keeps it out when that is not the use that others make of the hosts: waiting would not help.
    func queue(_ request: Request, because problem: Problem, tenant: Tenant, project: Project) throws(Problem) -> Outcome {
        let groups = try groups(of: request.plan)
        let quota = try QuotaCheck(snapshot: snapshot).check(asked(groups, type: request.type), tenant: tenant, project: project)
        _ = try place(groups, tenant: tenant, in: emptied)
        var outcome = try record(request, groups.map(\.group), tenant: tenant, project: project)
        outcome.quota = quota
        outcome.cluster.phase = .queued
        outcome.cluster.queue = QueuePlace(
            ticket: snapshot.revision, since: now, position: snapshot.queue.count { $0.value.tenant == tenant.id } + 1,
            reason: problem.message)
        outcome.operation.state = .queued
        outcome.operation.steps[0].phase = "waits for room: \(problem.message)"
        return outcome
    }

    /// Whether nothing but the use that others make of the hosts keeps a cluster that waits out.
    func waitsForRoomOnly(_ cluster: Cluster) -> Bool {
        guard let tenant = snapshot.tenants[Keys.tenant(cluster.tenantName)]?.value, let project = snapshot.project(of: cluster)?.value
        else { return false }
        do throws(Problem) {
            var groups: [(group: NodeGroup, resources: ResourceVector)] = []
            for group in cluster.groups { groups.append((group, try resources(of: group))) }
            _ = try QuotaCheck(snapshot: snapshot).check(asked(groups, type: cluster.type), tenant: tenant, project: project)
            _ = try place(groups, tenant: tenant, in: emptied)
            return true
        } catch { return false }
    }

    /// The hosts as if nothing were on them.
    private var emptied: Inventory {
        var inventory = snapshot.inventory
        for index in inventory.hosts.indices { inventory.hosts[index].used = [:] }
        inventory.tenantsByZone = [:]
        return inventory
    }
}
