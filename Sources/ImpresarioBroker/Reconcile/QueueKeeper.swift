// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel
import ImpresarioStore
import Logging

/// Admits clusters that wait for room, first come first, whenever a record has changed that may have made some.
struct QueueKeeper: Sendable {
    let broker: Broker

    private var parts: Broker.Parts { broker.parts }
    private var ledger: Ledger { broker.ledger }

    func run() async {
        for await _ in ledger.revisions() where !ledger.snapshot.queuedKeys.isEmpty {
            var hasAdmitted = false
            for entry in ledger.snapshot.queue {
                if Task.isCancelled { return }
                do throws(Problem) {
                    if try await tryToAdmit(entry.value) { hasAdmitted = true }
                } catch {
                    parts.logger.warning("cluster stays queued", metadata: ["cluster": "\(entry.value.id)", "problem": "\(error.message)"])
                }
            }
            if hasAdmitted { broker.runner.wake() }
            // What it wrote itself wakes it again; room does not come that fast.
            do { try await parts.time.sleep(for: .milliseconds(100)) } catch { return }
        }
    }

    /// The same decision as at creation, on the records of now.
    private func tryToAdmit(_ cluster: Cluster) async throws(Problem) -> Bool {
        let request: Admission.Request
        do throws(Problem) {
            request = try await self.request(of: cluster)
        } catch {
            try await note(error.message, on: cluster.id)
            return false
        }
        do throws(Problem) {
            return try await ledger.transact { snapshot, draft throws(Problem) -> Bool in
                guard let entry = snapshot.cluster(cluster.id), entry.value.phase == .queued,
                    let operation = entry.value.operation.flatMap({ snapshot.operation($0) }), operation.value.state == .queued,
                    let plugin = snapshot.plugin(request.pin), plugin.value.state == .enabled,
                    let tenant = snapshot.tenants[Keys.tenant(cluster.tenantName)]?.value,
                    let project = snapshot.project(of: cluster)?.value
                else { return false }
                draft.require(.unchanged(Keys.plugin(request.pin), since: plugin.revision))
                let outcome = try Admission(snapshot: snapshot, ids: parts.ids, now: parts.clock())
                    .admit(request, tenant: tenant, project: project)
                try QueueGate(snapshot: snapshot).pass(cluster.id, &draft)
                draft.orderAdmission(after: snapshot)
                try draft.replace(entry, with: outcome.cluster, at: entry.value.key)
                try draft.put(PlanRecord(input: request.input, plan: request.plan, pin: request.pin), at: Keys.plan(cluster.id))
                var begun = operation.value
                begun.state = .running
                begun.steps[0].phase = nil
                try draft.replace(operation, with: begun, at: Keys.operation(begun.id))
                try draft.record(broker.admitted(outcome, by: "broker"))
                return true
            }
        } catch {
            try await note(error.message, on: cluster.id)
            return false
        }
    }

    /// What it was planned as; planned anew when another version of the plugin is enabled by now.
    private func request(of cluster: Cluster) async throws(Problem) -> Admission.Request {
        guard let record: PlanRecord = try await ledger.store.record(at: Keys.plan(cluster.id)) else {
            throw Problem(.internal, "The plan of the cluster is gone.")
        }
        let snapshot = ledger.snapshot
        let operation = cluster.operation.flatMap { snapshot.operation($0)?.value }
        func request(_ plan: ClusterPlan, _ pin: PluginPin, _ input: PlanInput) -> Admission.Request {
            Admission.Request(
                name: cluster.name, type: cluster.type, parameters: input.parameters, labels: cluster.labels, plan: plan, pin: pin,
                caller: .broker, onFailure: operation?.onFailure, waited: cluster, input: input)
        }
        guard let plugin = snapshot.plugin(forType: cluster.type), let type = plugin.manifest.types.first(where: { $0.id == cluster.type })
        else { throw Problem(.unknownType, "There is no plugin for clusters of type '\(cluster.type)' any more.") }
        try Broker.checkOffered(plugin, for: cluster.type)
        if plugin.pin == record.pin { return request(record.plan, record.pin, record.input) }
        guard let project = snapshot.project(of: cluster)?.value else { throw .notFound("project", cluster.projectName) }
        let planner = Planner(runtime: parts.plugins, plugin: plugin, type: type, project: project, flavors: snapshot.flavors.values)
        let planned = try await planner.plan(name: cluster.name, parameters: record.input.parameters, labels: cluster.labels)
        return request(
            planned.plan, plugin.pin, planner.input(name: cluster.name, parameters: planned.parameters, labels: cluster.labels))
    }

    /// Position and reason as they are now, for whoever looks at the cluster or follows its operation.
    private func note(_ reason: String, on id: ID<Cluster>) async throws(Problem) {
        try await ledger.transact { snapshot, draft throws(Problem) in
            guard let entry = snapshot.cluster(id), entry.value.phase == .queued, var place = entry.value.queue,
                let operation = entry.value.operation.flatMap({ snapshot.operation($0) }), operation.value.state == .queued
            else { return }
            place.reason = reason
            place.position =
                snapshot.queue.count { $0.value.tenant == entry.value.tenant && ($0.value.queue?.ticket ?? 0) < place.ticket } + 1
            guard place != entry.value.queue else { return }
            var cluster = entry.value
            cluster.queue = place
            try draft.replace(entry, with: cluster, at: cluster.key)
            var told = operation.value
            told.steps[0].phase = "waits for room: \(reason)"
            if told != operation.value { try draft.replace(operation, with: told, at: Keys.operation(told.id)) }
        }
    }
}
