// SPDX-License-Identifier: Apache-2.0

import ImpresarioPluginKit

/// The tenants' way in: certificates of the cluster's own authority, and the endpoint on each node that asks for them.
struct Access {
    static let endpoint = "zookeeper"
    static let port = 2281
    private static let clients = ClientCertificates(authority: "endpoint")
    private static let serverLifetime = 10 * 365 * 86_400

    /// The endpoint of this node runs with a certificate for every name it is reached by and with the present revocation list. Nothing happens when it does.
    func refresh(_ call: borrowing Call, _ node: Node) throws {
        let revoked = try Self.clients.revokedSerials(call)
        let names = ServerNames(node, endpoint: Self.endpoint, call.context)
        let pair = try call.keyPair(
            "endpoint-\(node.id)-\(names.digest)",
            CertificateProfile(
                authority: Self.clients.authority, commonName: node.name, dns: names.dns, ips: names.ips, usages: [.server],
                ttl: Self.serverLifetime))
        let terminator = Terminator(
            node: node, pair: pair, revocationList: try call.revocationList(of: Self.clients.authority, serials: revoked), revoked: revoked)
        try call.put(terminator.files)
        try call.declare(terminator.service, on: node)
    }

    func credentials(_ call: borrowing Call, _ request: CredentialsRequest) throws -> Credentials {
        let (pair, expiresAt) = try Self.clients.issue(call, request)
        let hosts = addresses(call.context).joined(separator: ",")
        let key = pair.key ?? ""
        return Credentials(
            files: ["ca.pem": pair.ca, "cert.pem": pair.cert, "key.pem": key, "client.pem": pair.cert + "\n" + key],
            env: [
                "ZK_HOSTS": hosts, "ZK_CA": "${dir}/ca.pem", "ZK_CERT": "${dir}/cert.pem", "ZK_KEY": "${dir}/key.pem",
                // What zkCli.sh and other tools in Java read.
                "CLIENT_JVMFLAGS":
                    "-Dzookeeper.client.secure=true -Dzookeeper.clientCnxnSocket=org.apache.zookeeper.ClientCnxnSocketNetty -Dzookeeper.ssl.keyStore.location=${dir}/client.pem -Dzookeeper.ssl.trustStore.location=${dir}/ca.pem",
            ],
            expiresAt: expiresAt)
    }

    /// A node that cannot be told now must not wake with the old list: then the call is to be repeated.
    func revoke(_ call: borrowing Call, binding: String) throws {
        try Self.clients.revoke(call, binding: binding)
        try call.forAll(call.context.nodes.filter { $0.state != "lost" && $0.state != "planned" }) { try refresh(call, $0) }
    }

    /// Where tenants reach the servers.
    private func addresses(_ context: Context) -> [String] {
        let known = context.endpoints.first { $0.name == Self.endpoint }?.addresses ?? []
        return known.isEmpty ? context.nodes.filter { $0.state != "lost" }.map { "\($0.address):\(Self.port)" } : known
    }
}
