// SPDX-License-Identifier: Apache-2.0

import ImpresarioPluginKit

/// Docker Swarm on the engine that the distribution packages: managers and workers, each a dockerd that listens on its unix socket only, and on each
/// manager a TLS endpoint that asks for a client certificate of the cluster's own authority.
struct Swarm: ClusterType {
    let id = "swarm"
    let name = "Docker Swarm"
    let summary = "Docker engines in swarm mode behind a TLS endpoint."
    let description = """
        Managers keep the cluster's state by quorum and do no work while there are workers. The plain `docker` client reaches any manager \
        with the certificate that `credentials` gives out; it can be revoked.

        Overlay networks, `--publish mode=host` and `--endpoint-mode dnsrr` always work. Published ports in ingress mode and virtual addresses of \
        services need `ip_vs` in the kernel of the hosts; where it is missing the cluster says so in its conditions.

        The engine sees the processors and memory of the host, not of the node: give services limits of their own, and do not rely on reservations.
        """
    let capabilities = ["resize", "repair", "bindings"]

    /// What nodes need beside what every node has.
    static let packages = ["docker.io", "iptables", "stunnel4"]

    var createSchema: JSONValue { Parameters.schema }
    var updateSchema: JSONValue? { Parameters.updateSchema }
    var bindingSchema: JSONValue? { Access.schema }
    var operations: [TypedOperation] { [rotateJoinTokens, setAvailability, forceNewCluster] }

    func validate(_ context: Context) throws -> ValidationResult {
        let given = context.args["params"] ?? context.cluster.params
        let params = try given.decoded(as: Parameters.self)
        try params.check(projectNetwork: context.cluster.network)
        return try ValidationResult(encoding: params, warnings: params.warnings)
    }

    func plan(_ context: Context) throws -> ClusterPlan {
        let params = try context.cluster.params.decoded(as: Parameters.self)
        try params.check(projectNetwork: context.cluster.network)
        return params.plan()
    }

    func bootstrap(_ call: borrowing Call) throws -> JoinResult { try Membership(engine: Engine()).bootstrap(call) }

    func join(_ call: borrowing Call, _ nodes: [Node]) throws -> JoinResult { try Membership(engine: Engine()).join(call, nodes) }

    func leave(_ call: borrowing Call, _ request: LeaveRequest) throws { try Departure(engine: Engine()).leave(call, request) }

    func health(_ call: borrowing Call) throws -> HealthReport {
        let context = call.context
        return Diagnosis(nodes: context.nodes, observations: try Engine().observe(call, context.nodes)).report()
    }

    func credentials(_ call: borrowing Call, _ request: CredentialsRequest) throws -> Credentials {
        try Access(engine: Engine()).credentials(call, request)
    }

    func revoke(_ call: borrowing Call, binding: String) throws { try Access(engine: Engine()).revoke(call, binding: binding) }

    /// Everything that a swarm has lives in its nodes.
    func destroy(_ call: borrowing Call) throws {}
}

/// What a member is to the swarm; also the role of the plan's groups.
enum Role: String, Codable, Sendable { case manager, worker }
