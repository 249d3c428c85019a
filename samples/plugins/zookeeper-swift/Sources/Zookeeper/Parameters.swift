// SPDX-License-Identifier: Apache-2.0

import ImpresarioPluginKit

/// What tenants can ask for.
struct Parameters: Codable, Hashable, Sendable {
    var servers = 3
    var flavor = "small"
    /// Milliseconds; timeouts are multiples of it.
    var tickTime = 2000

    init() {}

    init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        let initial = Parameters()
        servers = try values.decodeIfPresent(Int.self, forKey: .servers) ?? initial.servers
        flavor = try values.decodeIfPresent(String.self, forKey: .flavor) ?? initial.flavor
        tickTime = try values.decodeIfPresent(Int.self, forKey: .tickTime) ?? initial.tickTime
    }

    static let schema: JSONValue = [
        "type": "object",
        "additionalProperties": false,
        "properties": [
            "servers": [
                "type": "integer", "title": "Servers", "minimum": 1, "maximum": 5, "default": 3,
                "description": "1, 3 or 5. From 3 on the loss of a server costs nothing.",
            ],
            "flavor": [
                "type": "string", "title": "Flavor", "description": "Node size of the servers.", "default": "small",
                "pattern": "^[a-z0-9]([a-z0-9-]*[a-z0-9])?$", "maxLength": 63,
            ],
            "tickTime": [
                "type": "integer", "title": "Tick", "minimum": 500, "maximum": 10000, "default": 2000,
                "description": "Milliseconds; sessions last from 2 to 20 of them.",
            ],
        ],
    ]

    /// What a schema cannot say so well.
    func check() throws(PluginProblem) {
        guard [1, 3, 5].contains(servers) else {
            throw PluginProblem(
                .invalid, code: "zookeeper.even-servers", "There must be 1, 3 or 5 servers, not \(servers): a quorum needs an odd number.",
                field: "/servers", owner: .tenant)
        }
    }

    func plan() -> ClusterPlan {
        ClusterPlan(
            groups: [
                .init(
                    name: "servers", role: "server", count: servers, flavor: flavor, packages: Zookeeper.packages, batch: 1,
                    spread: .init(by: .host, mode: .prefer))
            ],
            endpoints: [.init(name: Access.endpoint, group: "servers", port: Access.port, expose: .tenant)])
    }
}
