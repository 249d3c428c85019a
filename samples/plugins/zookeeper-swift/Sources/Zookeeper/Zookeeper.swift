// SPDX-License-Identifier: Apache-2.0

import ImpresarioPluginKit

/// An ensemble of ZooKeeper servers that speak TLS among themselves; in front of each one a TLS endpoint that asks clients for a certificate of the cluster's own
/// authority, which can be revoked.
struct Zookeeper: ClusterType {
    let id = "zookeeper"
    let name = "Apache ZooKeeper"
    let summary = "A ZooKeeper ensemble behind TLS endpoints that ask for a client certificate."
    let description = """
        One, three or five servers; from three on the loss of one costs nothing. Any ZooKeeper client that speaks TLS reaches any server with the certificate \
        that `credentials` gives out.

        A certificate opens the door; what is whose inside is for the clients' own ACLs (scheme `digest`) to say. Revoking one ends all connections for a \
        moment; sessions survive that, except for those of the revoked.
        """
    let capabilities = ["repair", "bindings"]

    /// What nodes need beside what every node has. Debian's package `zookeeper` itself would bring a desktop's Java.
    static let packages = ["libzookeeper-java", "openjdk-17-jre-headless", "stunnel4"]

    var createSchema: JSONValue { Parameters.schema }
    var operations: [TypedOperation] { Operations.all }

    func validate(_ context: Context) throws -> ValidationResult {
        let params = try (context.args["params"] ?? context.cluster.params).decoded(as: Parameters.self)
        try params.check()
        return try ValidationResult(
            encoding: params, warnings: params.servers == 1 ? ["With one server the ensemble is away while its node is."] : nil)
    }

    func plan(_ context: Context) throws -> ClusterPlan {
        let params = try context.cluster.params.decoded(as: Parameters.self)
        try params.check()
        return params.plan()
    }

    func bootstrap(_ call: borrowing Call) throws -> JoinResult { try Ensemble().bootstrap(call) }

    func join(_ call: borrowing Call, _ nodes: [Node]) throws -> JoinResult { try Ensemble().join(call, nodes) }

    func leave(_ call: borrowing Call, _ request: LeaveRequest) throws { try Ensemble().leave(call, request) }

    func health(_ call: borrowing Call) throws -> HealthReport {
        Diagnosis(nodes: call.context.nodes, observations: try Observer().observe(call, call.context.nodes)).report()
    }

    func credentials(_ call: borrowing Call, _ request: CredentialsRequest) throws -> Credentials {
        try Access().credentials(call, request)
    }

    func revoke(_ call: borrowing Call, binding: String) throws { try Access().revoke(call, binding: binding) }

    /// Everything that an ensemble has lives in its nodes.
    func destroy(_ call: borrowing Call) throws {}
}

extension Zookeeper: Configurable {
    /// After another version of this plugin took over: the files of this version. Parameters do not change.
    func configure(_ call: borrowing Call, old: JSONValue, new: JSONValue) throws { try Ensemble().refresh(call) }
}
