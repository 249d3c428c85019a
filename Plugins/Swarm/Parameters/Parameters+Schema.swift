// SPDX-License-Identifier: Apache-2.0

import ImpresarioPluginKit

extension Parameters {
    /// Enough for one swarm; its managers slow down with more.
    static let mostWorkers = 500

    /// JSON Schema. That the number of managers is odd, ``check(projectNetwork:)`` says better than a schema can.
    static var schema: JSONValue {
        func integer(_ title: String, _ description: String, _ range: ClosedRange<Int>, _ initial: Int) -> JSONValue {
            [
                "type": "integer", "title": .string(title), "description": .string(description),
                "minimum": .integer(Int64(range.lowerBound)), "maximum": .integer(Int64(range.upperBound)),
                "default": .integer(Int64(initial)),
            ]
        }
        func text(_ title: String, _ description: String, _ initial: String, pattern: String) -> JSONValue {
            [
                "type": "string", "title": .string(title), "description": .string(description), "default": .string(initial),
                "pattern": .string(pattern), "maxLength": 63,
            ]
        }
        let label = "^[a-z0-9]([a-z0-9-]*[a-z0-9])?$"
        return [
            "type": "object",
            "additionalProperties": false,
            "properties": [
                "managers": integer("Managers", "Nodes that keep the cluster's state by quorum: 1, 3 or 5.", 1...5, defaults.managers),
                "workers": integer("Workers", "Nodes that run the work. With 0 the managers run it.", 0...mostWorkers, defaults.workers),
                "managerFlavor": text("Manager flavor", "Node size of the managers.", defaults.managerFlavor, pattern: label),
                "workerFlavor": text("Worker flavor", "Node size of the workers.", defaults.workerFlavor, pattern: label),
                "addressPool": text(
                    "Address pool", "IPv4 network out of which overlay networks get their subnets.", defaults.addressPool,
                    pattern: "^[0-9]{1,3}(\\.[0-9]{1,3}){3}/[0-9]{1,2}$"),
                "subnetSize": integer("Subnet size", "Prefix length of each overlay network.", 9...29, defaults.subnetSize),
                "publish": [
                    "type": "array", "title": "Published ports", "default": [], "maxItems": 16, "uniqueItems": true,
                    "description": "Ports of the nodes that are reachable from outside, for services published in host mode.",
                    "items": ["type": "integer", "minimum": 1, "maximum": 65535],
                ],
                "insecureRegistries": [
                    "type": "array", "title": "Insecure registries", "default": [], "maxItems": 16, "uniqueItems": true,
                    "description": "Registries (host, host:port or network) that the engines may use without TLS.",
                    "items": ["type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9.:/-]*$", "maxLength": 253],
                ],
            ],
        ]
    }

    /// The nodes and the port that these parameters ask for.
    func plan() -> ClusterPlan {
        var groups = [
            ClusterPlan.Group(
                name: Role.manager.rawValue, role: Role.manager.rawValue, count: managers, flavor: managerFlavor, packages: Swarm.packages,
                batch: 1, spread: .init(by: .host, mode: .prefer))
        ]
        if workers > 0 {
            groups.append(
                ClusterPlan.Group(
                    name: Role.worker.rawValue, role: Role.worker.rawValue, count: workers, flavor: workerFlavor, packages: Swarm.packages,
                    batch: 16, spread: .init(by: .host, mode: .prefer)))
        }
        let published = publish.flatMap { port in
            groups.map { ClusterPlan.PlannedEndpoint(name: "port-\(port)-\($0.name)", group: $0.name, port: port, expose: .tenant) }
        }
        return ClusterPlan(
            groups: groups,
            endpoints: [.init(name: Access.endpointName, group: Role.manager.rawValue, port: Access.port, expose: .tenant)] + published)
    }
}
