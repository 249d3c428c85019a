// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel
import ImpresarioScheduling

/// The decision whether a cluster may become what is asked, and where its new nodes go.
extension Admission {
    /// What a tenant asked for, already through schemas, `validate` and `plan`.
    struct ChangeRequest: Sendable {
        var parameters: JSONValue
        var plan: ClusterPlan
        /// What it was planned from before; nil for clusters older than such records.
        var former: PlanRecord?
        /// The engine's version as it was planned before.
        var version: String?
        /// An upgrade that was not ended: what it left is made up for.
        var unfinished: Operation?
        var type: ClusterType
        /// The plugin is to be told of the new parameters.
        var configures: Bool
        var caller: Caller

        var isUpgrade: Bool { plan.version != nil && version != nil && plan.version != version || unfinished != nil }
        var groups: [NodeGroup] { plan.groups.map(NodeGroup.init(planned:)) }
    }

    struct ChangeOutcome: Sendable {
        /// With the new values.
        var cluster: Cluster
        /// Nil: there is nothing to do beyond the record.
        var operation: Operation?
        var quota: [DryRun.Level]
    }

    /// - Throws: `cannot-change`, `not-supported-yet` for a plugin without the verb, `quota-exceeded`, `no-capacity`, `no-addresses`.
    func admit(_ change: ChangeRequest, to cluster: Cluster, tenant: Tenant, project: Project) throws(Problem) -> ChangeOutcome {
        let difference = try GroupDifference(of: cluster, to: change.groups, isUpgrade: change.isUpgrade)
        var after = cluster
        after.parameters = change.parameters
        after.groups = difference.groups
        after.endpoints = endpoints(of: change.plan, before: cluster.endpoints)
        if change.isUpgrade { after.version = change.plan.version }
        after.nodes += try newNodes(difference, of: cluster, tenant: tenant, project: project)

        let more = try after.use().subtracting(cluster.use())
        let asked = ResourceVector(more.amounts.filter { $0.value > 0 })
        let quota = try QuotaCheck(snapshot: snapshot).check(asked, tenant: tenant, project: project)

        let steps = steps(from: cluster, to: after, difference, change)
        guard !steps.isEmpty else { return ChangeOutcome(cluster: after, operation: nil, quota: quota) }
        try Self.check(change.type, of: cluster.plugin, has: Self.verbs(for: steps))
        let operation = Operation(
            id: ids.draw(prefix: "o"), kind: change.isUpgrade ? .upgrade : .resize, cluster: cluster.id, clusterName: cluster.name,
            tenant: cluster.tenant, project: cluster.project, requestedBy: change.caller.name, steps: steps.map { Step(name: $0) },
            change: Operation.Change(
                parameters: cluster.parameters, groups: cluster.groups, version: cluster.version, health: cluster.health),
            nodes: change.isUpgrade ? Self.upgraded(cluster, change) : nil, createdAt: now)
        after.phase = .updating
        after.operation = operation.id
        after.updatedAt = now
        return ChangeOutcome(cluster: after, operation: operation, quota: quota)
    }

    /// All that are there, or what an upgrade to the same version has left. Not those that take the place of others: they are made as planned.
    private static func upgraded(_ cluster: Cluster, _ change: ChangeRequest) -> [ID<Node>] {
        let left = change.plan.version == change.version ? change.unfinished.map { Set($0.nodes ?? []) } : nil
        return cluster.nodes.filter { node in
            (node.state == .joined || node.state == .running) && node.replaces == nil && left?.contains(node.id) != false
        }.map(\.id)
    }

    /// Those of the kind that there is something to do in; none when all is there.
    private func steps(from before: Cluster, to after: Cluster, _ difference: GroupDifference, _ change: ChangeRequest) -> [String] {
        var wanted: Set<String> = []
        if change.isUpgrade { wanted.formUnion(["prepare", "roll", "finish"]) }
        if after.nodes.contains(where: { $0.state == .planned }) { wanted.formUnion(["provision", "join"]) }
        if after.nodes.contains(where: { $0.state == .running }) { wanted.insert("join") }
        if change.configures { wanted.insert("configure") }
        if difference.shrinks || after.nodes.contains(where: { $0.state == .leaving }) { wanted.formUnion(["victims", "leave", "nodes"]) }
        guard !wanted.isEmpty || after.endpoints != before.endpoints else { return [] }
        wanted.formUnion(["health", "endpoints"])
        return OperationMachine.steps(of: change.isUpgrade ? .upgrade : .resize).map(\.name).filter(wanted.contains)
    }

    private static func verbs(for steps: [String]) -> [(verb: PluginVerb, what: String)] {
        let needs: [(step: String, verb: PluginVerb, what: String)] = [
            ("join", .join, "get more nodes"), ("leave", .leave, "lose nodes"), ("prepare", .upgrade, "be upgraded"),
        ]
        return needs.compactMap { steps.contains($0.step) ? ($0.verb, $0.what) : nil }
    }

    private static func check(_ type: ClusterType, of plugin: PluginPin, has verbs: [(verb: PluginVerb, what: String)]) throws(Problem) {
        for (verb, what) in verbs where !type.verbs.contains(verb.rawValue) {
            throw Problem(
                .notSupportedYet,
                "Clusters of type '\(type.id)' cannot \(what): the plugin '\(plugin.id)' \(plugin.version) has no '\(verb.rawValue)'.",
                owner: .plugin, remedy: "Make another cluster as you want it, then delete this one.",
                facts: ["verb": .string(verb.rawValue), "plugin": .string(plugin.id), "version": .string(plugin.version)])
        }
    }

    /// Addresses stay where the endpoint does.
    private func endpoints(of plan: ClusterPlan, before: [Endpoint]) -> [Endpoint] {
        (plan.endpoints ?? []).map { planned in
            var endpoint = Endpoint(name: planned.name, group: planned.group, port: planned.port, expose: planned.expose)
            endpoint.addresses =
                before.first { old in
                    (old.name, old.group, old.port) == (planned.name, planned.group, planned.port) && old.expose == planned.expose
                }?.addresses ?? []
            return endpoint
        }
    }

    /// With the lowest ordinals that are free, spread against those that stay.
    private func newNodes(
        _ difference: GroupDifference, of cluster: Cluster, tenant: Tenant, project: Project
    ) throws(Problem) -> [Node] {
        let growing = difference.entries.filter { $0.grows > 0 }
        guard !growing.isEmpty else { return [] }
        var items: [Placement.Item] = []
        for entry in growing {
            let size = try resources(of: entry.group)
            items += (0..<entry.grows).map { _ in
                Placement.Item(group: entry.group.name, resources: size, spread: entry.group.spread)
            }
        }
        let staying = cluster.nodes.filter { $0.state != .leaving && $0.state != .lost }
        let request = Placement.Request(
            tenant: tenant.id, zones: tenant.zones, items: items,
            neighbours: staying.map { .init(group: $0.group, host: $0.host, zone: $0.zone) })
        let places: [Placement.Assignment]
        switch Placement.place(request, in: snapshot.inventory) {
        case .success(let assignments): places = assignments
        case .failure(let refusal): throw refusal.problem
        }
        let addresses = try snapshot.freeAddresses(places.count, in: project)

        var made: [Node] = []
        for entry in growing {
            let taken = Set(cluster.nodes.filter { $0.group == entry.group.name }.map(\.ordinal))
            for ordinal in (0...).lazy.filter({ !taken.contains($0) }).prefix(entry.grows) {
                let place = places[made.count]
                made.append(
                    Node(
                        id: ids.draw(prefix: "n"), name: Self.nodeName(cluster.name, entry.group.name, ordinal), group: entry.group.name,
                        ordinal: ordinal, flavor: entry.group.flavor, resources: items[made.count].resources, zone: place.zone,
                        host: place.host, address: addresses[made.count]))
            }
        }
        return made
    }
}
