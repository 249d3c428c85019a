// SPDX-License-Identifier: Apache-2.0

public import FoundationEssentials
import ImpresarioModel
import ImpresarioScheduling
public import ImpresarioStore

/// A record as readers share it: decoded once, with the bytes it is answered with.
public struct Entry<Value: Sendable>: Sendable {
    public let value: Value
    /// Canonical JSON.
    public let bytes: Data
    public let revision: Revision
}

/// Everything decisions are made from, at one revision. Persistent maps: taking a copy costs nothing and blocks nobody.
struct Snapshot: Sendable {
    private(set) var revision: Revision = 0
    private(set) var admission: Revision?
    private(set) var tenants = Table<Tenant>()
    private(set) var projects = Table<Project>()
    private(set) var clusters = Table<Cluster>()
    private(set) var operations = Table<Operation>()
    private(set) var flavors = Table<Flavor>()
    private(set) var zones = Table<Zone>()
    private(set) var hosts = Table<Host>()
    private(set) var plugins = Table<Plugin>()
    private(set) var tokens = Table<Token>()
    private(set) var bindings = Table<Binding>()
    private(set) var tombstones = Table<Tombstone>()
    /// Keys of operations that run.
    private(set) var unfinished = Index()
    private(set) var clusterKeys = Index()
    /// Keys of clusters that wait for room.
    private(set) var queuedKeys = Index()
    private(set) var tokenKeys = Index()

    /// Applies changes in order of revision. Keys of tables it does not hold only move the revision.
    ///
    /// - Throws: `DecodingError` for a record that is not what its key says: the store was written by something else.
    mutating func apply(_ changes: [Change]) throws {
        for change in changes {
            try apply(change)
            revision = max(revision, change.revision)
        }
    }

    private mutating func apply(_ change: Change) throws {
        let table = change.key.prefix { $0 != "/" }
        switch table {
        case "admission": admission = change.value == nil ? nil : change.revision
        case "tenants": try Self.set(&tenants, change)
        case "projects": try Self.set(&projects, change)
        case "clusters":
            if let old = clusters[change.key] { clusterKeys[old.value.id.rawValue] = nil }
            try Self.set(&clusters, change)
            let new = clusters[change.key]?.value
            if let new { clusterKeys[new.id.rawValue] = change.key }
            queuedKeys[change.key] = new?.phase == .queued ? change.key : nil
        case "operations":
            try Self.set(&operations, change)
            let isUnfinished = operations[change.key].map { $0.value.state == .running } ?? false
            unfinished[change.key] = isUnfinished ? change.key : nil
        case "flavors": try Self.set(&flavors, change)
        case "zones": try Self.set(&zones, change)
        case "hosts": try Self.set(&hosts, change)
        case "plugins": try Self.set(&plugins, change)
        case "tokens":
            if let old = tokens[change.key] { tokenKeys[old.value.hash] = nil }
            try Self.set(&tokens, change)
            if let new = tokens[change.key] { tokenKeys[new.value.hash] = change.key }
        case "bindings": try Self.set(&bindings, change)
        case "tombstones": try Self.set(&tombstones, change)
        default: break
        }
    }

    private static func set<Value: Decodable & Sendable>(_ table: inout Table<Value>, _ change: Change) throws {
        guard let bytes = change.value else {
            table[change.key] = nil
            return
        }
        table[change.key] = Entry(value: try CanonicalJSON.decode(from: bytes), bytes: bytes, revision: change.revision)
    }
}

extension Snapshot {
    func cluster(_ id: ID<Cluster>) -> Entry<Cluster>? { clusterKeys[id.rawValue].flatMap { clusters[$0] } }
    func operation(_ id: ID<Operation>) -> Entry<Operation>? { operations[Keys.operation(id)] }
    func runningOperation(of cluster: Cluster) -> Entry<Operation>? {
        cluster.operation.flatMap { operation($0) }.flatMap { $0.value.state == .running ? $0 : nil }
    }
    /// Clusters that wait for room, first come first.
    var queue: [Entry<Cluster>] {
        queuedKeys.all.compactMap { clusters[$0] }.sorted { ($0.value.queue?.ticket ?? 0) < ($1.value.queue?.ticket ?? 0) }
    }
    func project(of cluster: Cluster) -> Entry<Project>? { projects[Keys.project(cluster.tenantName, cluster.projectName)] }

    /// The enabled plugin that knows a type; else one that was enabled before, which says why not now; else any.
    func plugin(forType type: String) -> Plugin? {
        let candidates = plugins.values.filter { $0.manifest.types.contains { $0.id == type } }
        let newestFirst = candidates.sorted { ($0.installedAt, $0.pin.sha256) > ($1.installedAt, $1.pin.sha256) }
        return newestFirst.first { $0.state == .enabled } ?? newestFirst.first { $0.state != .installed } ?? newestFirst.first
    }

    var inventory: Inventory {
        Inventory(zones: zones.values, hosts: hosts.values, clusters: clusters.values, tombstones: tombstones.values)
    }

    /// Derived on every call: what exists is what is used.
    func use(ofTenant tenant: ID<Tenant>) throws(Problem) -> ResourceVector { try use { $0.tenant == tenant } }
    func use(ofProject project: ID<Project>) throws(Problem) -> ResourceVector { try use { $0.project == project } }

    private func use(where belongs: (Cluster) -> Bool) throws(Problem) -> ResourceVector {
        var sum = ResourceVector()
        for cluster in clusters.values where belongs(cluster) { sum = try sum.adding(cluster.use()) }
        return sum
    }
}
