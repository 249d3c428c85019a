// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel
import ImpresarioScheduling

/// The decision whether a cluster may be, and where: quota at every level and a place and address for every node, all or nothing.
///
/// Pure: the same snapshot, request and clock give the same answer. A dry run is this without the commit.
package struct Admission {
    /// What a tenant asked for, already through schema, `validate` and `plan` of its plugin.
    struct Request: Sendable {
        var name: String
        var type: String
        var parameters: JSONValue
        var labels: [String: String]
        var plan: ClusterPlan
        var pin: PluginPin
        var caller: Caller
        var onFailure: Operation.Aftermath?
        var lease = LeaseRequest()
        /// Whether it waits in line when there is no room.
        var queues = false
        /// Of one that waited in line: it stays who it was.
        var waited: Cluster?
        /// What the plan was made from.
        var input: PlanInput
    }

    struct Outcome: Sendable {
        var cluster: Cluster
        var operation: Operation
        var quota: [DryRun.Level]
    }

    let snapshot: Snapshot
    let ids: IdentifierSource
    let now: Timestamp

    func admit(_ request: Request, tenant: Tenant, project: Project) throws(Problem) -> Outcome {
        let groups = try groups(of: request.plan)
        let quota = try QuotaCheck(snapshot: snapshot).check(asked(groups, type: request.type), tenant: tenant, project: project)
        let places = try place(groups, tenant: tenant)
        let addresses = try snapshot.freeAddresses(places.count, in: project)

        var nodes: [Node] = []
        for (group, resources) in groups {
            for ordinal in 0..<group.count {
                let place = places[nodes.count]
                nodes.append(
                    Node(
                        id: ids.draw(prefix: "n"), name: Self.nodeName(request.name, group.name, ordinal), group: group.name,
                        ordinal: ordinal, flavor: group.flavor, resources: resources, zone: place.zone, host: place.host,
                        address: addresses[nodes.count]))
            }
        }
        var outcome = try record(request, groups.map(\.group), tenant: tenant, project: project)
        outcome.cluster.nodes = nodes
        outcome.quota = quota
        return outcome
    }

    /// What one such cluster counts at each level.
    func asked(_ groups: [(group: NodeGroup, resources: ResourceVector)], type: String) throws(Problem) -> ResourceVector {
        var asked: ResourceVector = [ResourceVector.cluster: 1, ResourceVector.cluster(ofType: type): 1]
        for (group, resources) in groups {
            let count = group.count + (group.surge ?? 0)
            asked = try asked.adding(resources.multiplied(by: count))
            asked[ResourceVector.node] += Int64(count)
        }
        return asked
    }

    /// The records, but for nodes.
    func record(_ request: Request, _ groups: [NodeGroup], tenant: Tenant, project: Project) throws(Problem) -> Outcome {
        let cluster = request.waited?.id ?? ids.draw(prefix: "c")
        let operation = request.waited?.operation ?? ids.draw(prefix: "o")
        let lease: Lease?
        if let waited = request.waited {
            lease = waited.lease
        } else {
            lease = try LeaseDecision(policy: project.leases, now: now).grant(request.lease)
        }
        let createdAt = request.waited?.createdAt ?? now
        let record = Cluster(
            id: cluster, name: request.name, tenant: tenant.id, tenantName: tenant.name, project: project.id, projectName: project.name,
            type: request.type, plugin: request.pin, parameters: request.parameters, labels: request.labels,
            groups: groups, nodes: [],
            endpoints: (request.plan.endpoints ?? []).map {
                Endpoint(name: $0.name, group: $0.group, port: $0.port, expose: $0.expose)
            },
            phase: .provisioning, health: .unknown, conditions: [], version: request.plan.version, operation: operation,
            lease: lease, createdAt: createdAt, updatedAt: now)
        return Outcome(
            cluster: record,
            operation: Operation(
                id: operation, kind: .create, cluster: cluster, clusterName: request.name, tenant: tenant.id, project: project.id,
                requestedBy: request.caller.name, steps: OperationMachine.steps(of: .create), onFailure: request.onFailure,
                createdAt: createdAt),
            quota: [])
    }

    func groups(of plan: ClusterPlan) throws(Problem) -> [(group: NodeGroup, resources: ResourceVector)] {
        var result: [(group: NodeGroup, resources: ResourceVector)] = []
        for group in plan.groups where group.count > 0 {
            let group = NodeGroup(planned: group)
            result.append((group, try resources(of: group)))
        }
        return result
    }

    /// What one node of the group counts and gets.
    func resources(of group: NodeGroup) throws(Problem) -> ResourceVector {
        guard let flavor = snapshot.flavors[Keys.flavor(group.flavor)]?.value else {
            let known = snapshot.flavors.values.map(\.name).sorted().joined(separator: ", ")
            throw Problem(
                .unknownFlavor, "There is no flavor '\(group.flavor.prefix(80))' for group '\(group.name)'.",
                remedy: "Choose one of: \(known).")
        }
        return flavor.resources
    }

    func place(
        _ groups: [(group: NodeGroup, resources: ResourceVector)], tenant: Tenant, in inventory: Inventory? = nil
    ) throws(Problem) -> [Placement.Assignment] {
        let items = groups.flatMap { entry in
            (0..<entry.group.count).map { _ in
                Placement.Item(group: entry.group.name, resources: entry.resources, spread: entry.group.spread)
            }
        }
        switch Placement.place(Placement.Request(tenant: tenant.id, zones: tenant.zones, items: items), in: inventory ?? snapshot.inventory)
        {
        case .success(let places): return places
        case .failure(let refusal): throw refusal.problem
        }
    }

    /// `<cluster>-<group>-<ordinal>`; the cluster's part is cut where the whole would be longer than a DNS label may be.
    package static func nodeName(_ cluster: String, _ group: String, _ ordinal: Int) -> String {
        let tail = "-\(group)-\(ordinal)"
        return cluster.prefix(63 - min(62, tail.count)) + tail
    }
}

extension Placement.Refusal {
    /// In words for whoever asked.
    var problem: Problem {
        if isOnlyTrust {
            return Problem(
                .trustViolation, "Every zone within reach is kept for one tenant, and another one is there.",
                remedy: "Ask an admin for a zone of your own, or for one that tenants share.")
        }
        return Problem(
            .noCapacity, message, remedy: "Ask for fewer or smaller nodes, wait, or ask an admin for more hosts.",
            facts: [
                "group": .string(item.group), "placed": .integer(Int64(placed)),
                "excluded": .object(
                    Dictionary(excluded.map { ($0.key.words, .integer(Int64($0.value))) }, uniquingKeysWith: { first, _ in first })),
            ])
    }
}

extension Snapshot {
    /// Addresses of a project's network that no node has, nor one that was given up and may still answer.
    func freeAddresses(_ count: Int, in project: Project) throws(Problem) -> [String] {
        var taken = Set(clusters.values.filter { $0.project == project.id }.flatMap { $0.nodes.map(\.address) })
        for tombstone in tombstones.values where tombstone.project == project.id { taken.insert(tombstone.address) }
        let free =
            IPv4Network(project.network).map { $0.nodeAddresses.lazy.filter { !taken.contains($0) }.prefix(count) }.map { Array($0) } ?? []
        guard free.count == count else {
            throw Problem(
                .noAddresses, "The project's network \(project.network) has \(free.count) free addresses; \(count) are needed.",
                remedy: "Use another project, or delete clusters.")
        }
        return free
    }
}
