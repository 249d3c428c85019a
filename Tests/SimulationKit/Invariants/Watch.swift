// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioInfrastructure
import ImpresarioModel
import ImpresarioStore

/// Sees every commit, keeps what it needs of each record, and says at once when something that must always hold does not.
///
/// Unchecked: confined to the thread of the executor.
final class Watch: @unchecked Sendable {
    private unowned let world: World
    private(set) var revision: Revision = 0
    /// By key of the store.
    private(set) var clusters: [String: ClusterRow] = [:]
    private(set) var operations: [String: OperationRow] = [:]
    private(set) var limits: [String: [String: Int64]] = [:]
    private(set) var rooms: [String: ResourceVector] = [:]
    private(set) var tombstones: [String: (node: ID<Node>, host: String, resources: ResourceVector)] = [:]
    /// Whoever was admitted, by name: a request that is repeated is admitted once.
    private(set) var admissions: [String: Int] = [:]
    /// Operation records that came to an end.
    private(set) var ended: Set<String> = []
    private(set) var commits = 0
    private(set) var digest: UInt64 = 0xcbf2_9ce4_8422_2325
    private var recent: [(at: Timestamp, revision: Revision, writes: [Write])] = []
    private var waiting: [String: [CheckedContinuation<Void, Never>]] = [:]

    init(world: World) { self.world = world }

    func committed(_ transaction: Transaction, at revision: Revision) {
        self.revision = max(self.revision, revision)
        commits += 1
        var touched: Set<String> = []
        var written: Set<String> = []
        var told: Set<ID<Cluster>> = []
        var changed: [(key: String, before: OperationRow?, after: OperationRow)] = []
        var before: [String: ClusterRow] = [:]
        for write in transaction.writes {
            let (key, bytes): (String, Data?) =
                switch write {
                case .put(let key, let bytes): (key, bytes)
                case .delete(let key): (key, nil)
                }
            mix(key, bytes)
            switch key.prefix(while: { $0 != "/" }) {
            case "clusters":
                touched.insert(key)
                written.insert(key)
                before[key] = clusters[key]
                clusters[key] = bytes.flatMap(ClusterRow.init)
            case "operations":
                let old = operations[key]
                operations[key] = bytes.flatMap(OperationRow.init)
                if let new = operations[key] { changed.append((key, old, new)) }
            case "tenants", "projects": limits[key] = bytes.map { amounts($0, member: "limits") }
            case "hosts": rooms[key] = bytes.map { Self.room($0) }
            case "tombstones": tombstones[key] = bytes.flatMap { Self.tombstone($0) }
            case "events":
                told.insert(ID(String(key.dropFirst("events/".count).prefix { $0 != "/" })))
            default: break
            }
        }
        recent.append((world.time.now(), revision, transaction.writes))
        if recent.count > 60 { recent.removeFirst(20) }
        for (key, before, after) in changed { check(after, before: before, key: key, told: told, touched: &touched) }
        for key in touched.sorted() { check(key, before: written.contains(key) ? before[key] : clusters[key], told: told) }
    }

    /// The last things that happened, oldest first.
    var story: [String] {
        recent.map { at, revision, writes in
            let words = writes.map { write in
                switch write {
                case .put(let key, let bytes) where key.hasPrefix("events/"): Self.words(ofEvent: bytes)
                case .put(let key, let bytes) where key.hasPrefix("operations/"):
                    OperationRow(bytes).map {
                        "\($0.kind) \($0.id) \($0.state) \($0.step?.name ?? "-") \($0.step?.state ?? "") \($0.step?.attempts ?? 0)"
                    } ?? key
                case .put(let key, let bytes) where key.hasPrefix("clusters/"):
                    ClusterRow(bytes).map { "\(key) \($0.phase) \($0.nodes.map(\.state).joined(separator: ","))" } ?? key
                case .put(let key, _): key
                case .delete(let key): "-\(key)"
                }
            }
            return "\(at) r\(revision) \(words.joined(separator: " | "))"
        }
    }

    /// Whoever writes a record mixes it in; sealed secrets are another text each time.
    private func mix(_ key: String, _ bytes: Data?) {
        func mix(_ byte: UInt8) { digest = (digest ^ UInt64(byte)) &* 0x100_0000_01b3 }
        for byte in key.utf8 { mix(byte) }
        guard let bytes, !key.hasPrefix("secrets/"), !key.hasPrefix("copies/") else { return }
        bytes.withUnsafeBytes { raw in
            var index = 0
            while index + 8 <= raw.count {
                digest = (digest ^ raw.loadUnaligned(fromByteOffset: index, as: UInt64.self)) &* 0x100_0000_01b3
                digest ^= digest >> 29
                index += 8
            }
            while index < raw.count {
                mix(raw[index])
                index += 1
            }
        }
    }

    private static func words(ofEvent bytes: Data) -> String {
        var (type, message) = ("", "")
        bytes.withUnsafeBytes { raw in
            var scanner = Scanner(raw)
            scanner.object { name, value in
                if "type" ~= name { type = value.string() }
                if "message" ~= name { message = value.string() }
            }
        }
        return "\(type): \(message)"
    }

    private static func room(_ bytes: Data) -> ResourceVector { ResourceVector(amounts(bytes, member: "capacity")) }

    private static func tombstone(_ bytes: Data) -> (node: ID<Node>, host: String, resources: ResourceVector)? {
        var (node, host, resources) = (ID<Node>(""), "", ResourceVector())
        bytes.withUnsafeBytes { raw in
            var scanner = Scanner(raw)
            scanner.object { name, value in
                if "node" ~= name { node = ID(value.string()) }
                if "host" ~= name { host = value.string() }
                if "resources" ~= name { resources = ResourceVector(scanning: &value) }
            }
        }
        return (node, host, resources)
    }

    // MARK: at every commit

    private func check(_ row: OperationRow, before: OperationRow?, key: String, told: Set<ID<Cluster>>, touched: inout Set<String>) {
        let (wasRunning, isRunning) = (before?.isUnfinished == true, row.isUnfinished)
        if wasRunning != isRunning {
            if !told.contains(row.cluster) {
                world.violation("the \(row.kind) \(row.id) \(isRunning ? "began" : "ended") without an event of its cluster")
            }
        }
        if isRunning {
            guard let (key, cluster) = clusters.first(where: { $0.value.id == row.cluster }) else {
                return world.violation("the \(row.kind) \(row.id) runs for a cluster that does not exist")
            }
            touched.insert(key)
            if cluster.operation?.rawValue != row.id {
                world.violation(
                    "the \(row.kind) \(row.id) runs while cluster \(cluster.name) is of operation \(cluster.operation?.rawValue ?? "none")")
            }
            if row.state == "queued", cluster.phase != "queued" {
                world.violation("the \(row.kind) \(row.id) waits in line, and cluster \(cluster.name) is \(cluster.phase)")
            }
            if row.step == nil { world.violation("the \(row.kind) \(row.id) runs and has no step left") }
            if row.step?.state == "running", row.step?.hasDeadline == false {
                world.violation("step '\(row.step?.name ?? "")' of the \(row.kind) \(row.id) runs without a deadline")
            }
        } else {
            ended.insert(row.id)
            for one in waiting.removeValue(forKey: row.id) ?? [] { one.resume() }
        }
    }

    private func check(_ key: String, before: ClusterRow?, told: Set<ID<Cluster>>) {
        guard let cluster = clusters[key] else {
            if let before {
                if !told.contains(before.id) { world.violation("cluster \(before.name) went without an event") }
                world.engines.forget(before.id)
            }
            return
        }
        if before?.id != cluster.id {
            admissions[cluster.name, default: 0] += 1
            if !told.contains(cluster.id) { world.violation("cluster \(cluster.name) came without an event") }
        }
        if cluster.isTransitional {
            let operation = cluster.operation.flatMap { operations["operations/\($0)"] }
            if operation?.state != "running" {
                world.violation(
                    "cluster \(cluster.name) is \(cluster.phase) and its operation \(cluster.operation?.rawValue ?? "none") is \(operation?.state ?? "not on record")"
                )
            }
        }
        if before?.nodes.map(\.id) != cluster.nodes.map(\.id) || before?.phase != cluster.phase {
            checkPlaces(of: cluster)
            checkLimits(of: cluster, before: before)
        }
    }

    private func checkPlaces(of cluster: ClusterRow) {
        var hosts: [String: ResourceVector] = [:]
        var (ids, addresses): (Set<ID<Node>>, Set<String>) = ([], [])
        for other in clusters.values {
            for node in other.nodes {
                for (key, amount) in other.occupied(by: node).amounts { hosts[node.host, default: [:]][key] += amount }
                if !ids.insert(node.id).inserted { world.violation("node \(node.id) is promised twice") }
                if other.tenant == cluster.tenant, other.project == cluster.project, !addresses.insert(node.address).inserted {
                    world.violation("the address \(node.address) is promised twice in project \(cluster.tenant)/\(cluster.project)")
                }
            }
        }
        for tombstone in tombstones.values {
            for (key, amount) in tombstone.resources.amounts { hosts[tombstone.host, default: [:]][key] += amount }
        }
        for host in Set(cluster.nodes.map(\.host)).sorted() {
            guard let room = rooms["hosts/\(host)"], let taken = hosts[host] else { continue }
            for key in ["cpu", "memory", "disk"] where taken[key] > room[key] {
                world.violation("host \(host) is promised \(taken[key]) of \(key) and has \(room[key])")
            }
        }
    }

    /// Use of a level, worked out from what is on record.
    func use(tenant: String, project: String? = nil) -> ResourceVector {
        var sum = ResourceVector()
        for cluster in clusters.values where cluster.tenant == tenant && (project == nil || cluster.project == project) {
            for (key, amount) in cluster.charge.amounts { sum[key] += amount }
        }
        return sum
    }

    /// Only what is admitted now: limits may be lowered below what is used.
    private func checkLimits(of cluster: ClusterRow, before: ClusterRow?) {
        let (old, new) = (before?.id == cluster.id ? before?.charge ?? [:] : [:], cluster.charge)
        let grown = new.keys.filter { new[$0] > old[$0] }
        guard !grown.isEmpty else { return }
        for (level, limit, used) in [
            ("tenant \(cluster.tenant)", limits["tenants/\(cluster.tenant)"], use(tenant: cluster.tenant)),
            (
                "project \(cluster.project)", limits["projects/\(cluster.tenant)/\(cluster.project)"],
                use(tenant: cluster.tenant, project: cluster.project)
            ),
        ] {
            for key in grown {
                guard let most = limit?[key], used[key] > most else { continue }
                world.violation("\(level) has \(used[key]) of \(key) after cluster \(cluster.name) was admitted; its limit is \(most)")
            }
        }
    }

    // MARK: at every call

    private func node(_ id: ID<Node>) -> (cluster: ClusterRow, node: ClusterRow.NodeRow)? {
        for cluster in clusters.values { for node in cluster.nodes where node.id == id { return (cluster, node) } }
        return nil
    }

    func checkCreation(of node: NodeSpecification, on host: String) {
        guard let (_, row) = self.node(node.id) else {
            return world.violation("node \(node.id) is made and stands on no record")
        }
        if row.host != host { world.violation("node \(node.id) is made on \(host) and promised on \(row.host)") }
        if row.address != node.address { world.violation("node \(node.id) is made with \(node.address) and promised \(row.address)") }
    }

    func checkDestruction(of id: ID<Node>, isMember: Bool) {
        guard isMember, let (cluster, row) = node(id), cluster.phase != "deleting" else { return }
        if row.state == "joined" || row.state == "running" {
            world.violation("node \(id) of cluster \(cluster.name) is destroyed: it is \(row.state) and a member of the engine")
        }
    }

    /// A call for a step says so on record, with its attempt, before it is made.
    func checkCall(_ verb: String, operation: PluginContext.OperationView, isWrite: Bool) {
        let parts = operation.id.split(separator: "-", maxSplits: 1)
        guard parts.count == 2, let row = operations["operations/\(parts[0])"], row.state == "running", let step = row.step else { return }
        if step.name != parts[1] || step.state != "running" || step.attempts != operation.attempt {
            world.violation(
                "'\(verb)' is called as attempt \(operation.attempt) of '\(parts[1])'; on record is attempt \(step.attempts) of '\(step.name)', \(step.state)"
            )
        }
    }

    // MARK: for those who wait

    /// Returns when the operation is on record as ended.
    func end(of operation: ID<ImpresarioModel.Operation>) async {
        if let row = operations["operations/\(operation)"], !row.isUnfinished { return }
        await withCheckedContinuation { waiting[operation.rawValue, default: []].append($0) }
    }

    var isAtRest: Bool { operations.values.allSatisfy { $0.state != "running" } }

    func row(_ id: ID<Cluster>) -> ClusterRow? { clusters.values.first { $0.id == id } }
}
