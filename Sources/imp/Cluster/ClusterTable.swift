// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel

extension Table {
    init(_ clusters: [Cluster]) {
        self.init(
            columns: ["NAME", "TYPE", "PHASE", "HEALTH", "NODES", "VERSION", "CREATED"],
            rows: clusters.map {
                [$0.name, $0.type, $0.phase.rawValue, $0.health.rawValue, String($0.nodes.count), $0.version ?? "", $0.createdAt.short]
            },
            numeric: [4])
    }

    init(_ nodes: [Node]) {
        self.init(
            columns: ["NODE", "GROUP", "STATE", "FLAVOR", "ADDRESS", "ZONE", "HOST"],
            rows: nodes.map { [$0.name, $0.group, $0.state.rawValue, $0.flavor, $0.address, $0.zone, $0.host] })
    }

    init(_ events: [Event]) {
        self.init(
            columns: ["TIME", "EVENT", "BY", "MESSAGE"], rows: events.map { [$0.at.short, $0.type, $0.actor, $0.message] })
    }

    init(_ bindings: [Binding]) {
        self.init(
            columns: ["BINDING", "ROLE", "ISSUED TO", "CREATED", "EXPIRES", "REVOKED"],
            rows: bindings.map {
                [$0.id.rawValue, $0.role, $0.issuedTo, $0.createdAt.short, $0.expiresAt?.short ?? "never", $0.revokedAt?.short ?? "no"]
            })
    }
}

extension Cluster {
    var text: String {
        var fields: [(String, String?)] = [
            ("name", name), ("id", id.rawValue), ("tenant", tenantName), ("project", projectName), ("type", type), ("version", version),
            ("plugin", "\(plugin.id) \(plugin.version)"), ("phase", phase.rawValue), ("health", health.rawValue),
        ]
        if let parameters = try? CanonicalJSON.encode(parameters) {
            fields.append(("parameters", String(decoding: parameters, as: UTF8.self)))
        }
        if !labels.isEmpty {
            fields.append(("labels", labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")))
        }
        for endpoint in endpoints where !endpoint.addresses.isEmpty {
            fields.append(("endpoint \(endpoint.name)", endpoint.addresses.joined(separator: " ")))
        }
        if let queue { fields.append(("queue", "position \(queue.position): \(queue.reason)")) }
        if let lease { fields.append(("lease", "until \(lease.expiresAt.short), then \(lease.ending.rawValue)")) }
        fields += [("operation", operation?.rawValue), ("created", createdAt.short), ("updated", updatedAt.short)]
        for condition in conditions { fields.append((condition.severity.rawValue, "\(condition.type): \(condition.message)")) }
        return Fields(fields).render() + (nodes.isEmpty ? "" : "\n" + Table(nodes).render())
    }
}
