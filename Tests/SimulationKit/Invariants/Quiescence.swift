// SPDX-License-Identifier: Apache-2.0

import ImpresarioBroker
import ImpresarioInfrastructure
import ImpresarioModel

/// What must hold when nothing fails any more and everything that was begun had its time.
extension World {
    static let admin = Caller(token: ID("k0"), name: "ada", role: .admin, tenant: nil, project: nil)

    /// Lets everything come to its end, then looks.
    func settle() async throws {
        isCalm = true
        for machine in machines.values where !machine.isReachable { machine.isReachable = true }
        var patience = 0
        // Longer than any step may take, several times over.
        var wasAtRest = false
        while violations.isEmpty, patience < 3_000 {
            let isAtRest = watch.isAtRest && isClean
            // The broker's own view follows the store by a moment.
            if isAtRest && wasAtRest { break }
            wasAtRest = isAtRest
            patience += 1
            try await time.sleep(for: isAtRest ? .milliseconds(500) : .seconds(5))
        }
        checkOperations()
        checkNodes()
        await checkQuotas()
        checkEvents()
    }

    /// Orphans are gone; what should run runs.
    private var isClean: Bool {
        let (recorded, found) = (recordedNodes(), foundNodes())
        return Set(recorded.keys) == Set(found.keys) && watch.tombstones.isEmpty
    }

    private func foundNodes() -> [ID<Node>: String] {
        var found: [ID<Node>: String] = [:]
        for (host, machine) in machines { for id in machine.nodes.keys { found[id] = host } }
        return found
    }

    /// Those that the driver should have: a node that is planned only, of a creation that came to nothing, need not be there.
    private func recordedNodes() -> [ID<Node>: String] {
        var recorded: [ID<Node>: String] = [:]
        let found = foundNodes()
        for cluster in watch.clusters.values {
            for node in cluster.nodes where node.state != "planned" || found[node.id] != nil {
                // Lost with its host, and nobody could put it elsewhere.
                if found[node.id] == nil, lostNodes.contains(node.id) { continue }
                recorded[node.id] = node.host
            }
        }
        return recorded
    }

    private func checkOperations() {
        for row in watch.operations.values.sorted(by: { $0.id < $1.id }) where row.state == "running" {
            violation("the \(row.kind) \(row.id) has not ended: it is at '\(row.step?.name ?? "")', attempt \(row.step?.attempts ?? 0)")
        }
        for cluster in watch.clusters.values where cluster.isTransitional {
            violation("cluster \(cluster.name) is \(cluster.phase) for ever")
        }
    }

    private func checkNodes() {
        let (recorded, found) = (recordedNodes(), foundNodes())
        for id in found.keys.sorted() where recorded[id] == nil { violation("node \(id) is on \(found[id]!) and on no record") }
        for id in recorded.keys.sorted() {
            if found[id] == nil { violation("node \(id) is on record on \(recorded[id]!) and not there") }
            if let host = found[id], host != recorded[id] { violation("node \(id) is on \(host) and recorded on \(recorded[id]!)") }
        }
        for (host, machine) in machines.sorted(by: { $0.key < $1.key }) {
            var taken = ResourceVector()
            for (id, node) in machine.nodes {
                let cluster = watch.clusters.values.first { $0.nodes.contains { $0.id == id } }
                for (key, amount) in node.specification.resources.amounts where cluster?.phase != "hibernated" || key == "disk" {
                    taken[key] += amount
                }
            }
            for key in ["cpu", "memory", "disk"] where taken[key] > watch.rooms["hosts/\(host)"]?[key] ?? 0 {
                violation("host \(host) carries \(taken[key]) of \(key): more than it has")
            }
        }
    }

    /// What the broker says is used against what the machines carry.
    private func checkQuotas() async {
        let broker = await living().broker
        for key in watch.limits.keys.sorted() {
            let words = key.split(separator: "/").map(String.init)
            let tenant = words[1]
            let project = words.count > 2 ? words[2] : nil
            let told: ResourceVector?
            if let project {
                told = try? broker.quota(ofProject: project, of: tenant, for: Self.admin).used
            } else {
                told = try? broker.quota(ofTenant: tenant, for: Self.admin).used
            }
            guard let told else {
                violation("the broker does not tell the quota of \(key)")
                continue
            }
            let recorded = watch.use(tenant: tenant, project: project)
            if told != recorded { violation("\(key): the broker says [\(told)] is used; on record is [\(recorded)]") }
            let carried = carried(tenant: tenant, project: project)
            if told["node"] != carried { violation("\(key): the broker counts \(told["node"]) nodes; \(carried) are there") }
        }
    }

    /// Nodes that the machines have, and those that are promised and not made.
    private func carried(tenant: String, project: String?) -> Int64 {
        var count: Int64 = 0
        let found = foundNodes()
        for cluster in watch.clusters.values where cluster.tenant == tenant && (project == nil || cluster.project == project) {
            for node in cluster.nodes where node.replaces == nil && cluster.phase != "queued" {
                let isPromise = node.state == "planned" || lostNodes.contains(node.id)
                if isPromise || found[node.id] != nil { count += 1 }
            }
            for (group, surge) in cluster.surge where cluster.nodes.contains(where: { $0.group == group }) && cluster.phase != "queued" {
                count += Int64(surge)
            }
        }
        return count
    }

    private func checkEvents() {
        // Names are drawn once, and asked for until there is an answer.
        for (name, count) in watch.admissions.sorted(by: { $0.key < $1.key }) where count > 1 {
            violation("cluster \(name) was admitted \(count) times by one request")
        }
    }
}
