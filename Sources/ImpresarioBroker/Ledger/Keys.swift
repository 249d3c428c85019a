// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel

/// Where each kind of record stands in the store.
///
/// Names are part of the keys of what is unique by name, so that uniqueness is the store's precondition and nothing else.
enum Keys {
    /// Rewritten by every commit whose decision rests on quota or placement; two such decisions never pass each other.
    static let admission = "admission"

    static func tenant(_ name: String) -> String { "tenants/\(name)" }
    static func project(_ tenant: String, _ name: String) -> String { "projects/\(tenant)/\(name)" }
    static func cluster(_ tenant: String, _ project: String, _ name: String) -> String { "clusters/\(tenant)/\(project)/\(name)" }
    static func operation(_ id: ID<Operation>) -> String { "operations/\(id)" }
    static func flavor(_ name: String) -> String { "flavors/\(name)" }
    static func zone(_ name: String) -> String { "zones/\(name)" }
    static func host(_ name: String) -> String { "hosts/\(name)" }
    static func plugin(_ pin: PluginPin) -> String { "plugins/\(pin.id)/\(pin.sha256)" }
    static func tombstone(_ node: ID<Node>) -> String { "tombstones/\(node)" }
    /// Tokens are unique within their tenant; `-` stands for the installation's own.
    static func token(_ tenant: String?, _ name: String) -> String { "tokens/\(tenant ?? "-")/\(name)" }
    static func binding(_ cluster: ID<Cluster>, _ id: ID<Binding>) -> String { "bindings/\(cluster)/\(id)" }
    static func idempotency(_ token: ID<Token>, _ digest: String) -> String { "idempotency/\(token)/\(digest)" }

    // Not held in memory: read when needed.
    static func event(_ event: Event) -> String { "events/\(event.cluster?.rawValue ?? "-")/\(event.id)" }
    static func events(of cluster: ID<Cluster>) -> String { "events/\(cluster)/" }
    static let events = "events/"
    static func plan(_ cluster: ID<Cluster>) -> String { "plans/\(cluster)" }
    /// As it was before the last change.
    static func formerPlan(_ cluster: ID<Cluster>) -> String { "plans/\(cluster)/former" }
    /// Of a cluster's moves to other versions of its plugin.
    static func moves(of cluster: ID<Cluster>) -> String { "moves/\(cluster)/" }
    static func move(_ cluster: ID<Cluster>, _ operation: ID<Operation>) -> String { "moves/\(cluster)/\(operation)" }
    /// What a move copied of `state/` and `secrets/`.
    static func copies(of cluster: ID<Cluster>) -> String { "copies/\(cluster)/" }
    static func copies(_ cluster: ID<Cluster>, _ operation: ID<Operation>) -> String { "copies/\(cluster)/\(operation)/" }
    static func state(_ cluster: ID<Cluster>, _ key: String) -> String { "state/\(cluster)/\(key)" }
    static func secret(_ cluster: ID<Cluster>, _ name: String) -> String { "secrets/\(cluster)/\(name)" }
}

extension Cluster {
    var key: String { Keys.cluster(tenantName, projectName, name) }
}
