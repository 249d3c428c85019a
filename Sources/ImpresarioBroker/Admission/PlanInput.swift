// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel

/// All that `plan` is told, so that another version can be asked the same again.
struct PlanInput: Codable, Hashable, Sendable {
    var name: String
    var tenant: ID<Tenant>
    var parameters: JSONValue
    var labels: [String: String]
    /// The project's.
    var network: String
    /// By name.
    var flavors: [String: PluginContext.FlavorView]

    init(name: String, parameters: JSONValue, labels: [String: String], project: Project, flavors: [Flavor]) {
        self.name = name
        self.parameters = parameters
        self.labels = labels
        tenant = project.tenant
        network = project.network
        self.flavors = Dictionary(
            flavors.map { flavor in
                let resources = flavor.resources
                return (
                    flavor.name,
                    .init(
                        cpu: resources[ResourceVector.cpu], memory: resources[ResourceVector.memory], disk: resources[ResourceVector.disk])
                )
            }, uniquingKeysWith: { $1 })
    }

    /// The document that `validate` and `plan` get: no cluster is there yet.
    var context: PluginContext {
        let views = flavors.mapValues { flavor -> JSONValue in
            ["cpu": .integer(flavor.cpu), "memory": .integer(flavor.memory), "disk": .integer(flavor.disk)]
        }
        return PluginContext(
            operation: .init(id: "plan", kind: "create", attempt: 1),
            cluster: .init(id: "plan", name: name, params: parameters, version: nil, labels: labels, network: network),
            nodes: [], endpoints: [], args: ["params": parameters, "flavors": .object(views)])
    }
}

/// What a cluster was planned from and how; written with its admission, gone with the cluster. The measure of other versions of its plugin.
struct PlanRecord: Codable, Hashable, Sendable {
    var input: PlanInput
    var plan: ClusterPlan
    /// Who planned it.
    var pin: PluginPin
}
