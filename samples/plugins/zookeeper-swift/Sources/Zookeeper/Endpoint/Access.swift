// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import ImpresarioPluginKit

/// The tenants' way in: certificates of the cluster's own authority, and the endpoint on each node that asks for them.
struct Access {
    static let endpoint = "zookeeper"
    static let port = 2281
    private static let authority = "endpoint"
    private static let serverLifetime = 10 * 365 * 86_400
    private static let lifetimes = 60...365 * 86_400

    /// The endpoint of this node runs with a certificate for every name it is reached by and with the present revocation list. Nothing happens when it does.
    func refresh(_ call: borrowing Call, _ node: Node) throws {
        let revoked = try bindings(call).revokedSerials
        let names = Self.names(node, call.context.endpoints)
        let pair = try call.keyPair(
            "endpoint-\(node.id)-\(Digest.of(names.dns + names.ips))",
            CertificateProfile(
                authority: Self.authority, commonName: node.name, dns: names.dns, ips: names.ips, usages: [.server],
                ttl: Self.serverLifetime))
        let terminator = Terminator(
            node: node, pair: pair, revocationList: try call.revocationList(of: Self.authority, serials: revoked), revoked: revoked)
        try call.put(terminator.files)
        try call.declare(terminator.service, on: node)
    }

    func credentials(_ call: borrowing Call, _ request: CredentialsRequest) throws -> Credentials {
        let ttl = request.ttl.map { Int(clamping: $0.components.seconds) } ?? 30 * 86_400
        guard Self.lifetimes.contains(ttl) else {
            throw PluginProblem(
                .invalid, code: "zookeeper.lifetime", "Credentials last from 1 minute to 365 days; \(ttl) s were asked for.", field: "/ttl",
                owner: .tenant)
        }
        let now = Date.now
        let expires = now.addingTimeInterval(Double(ttl))
        let pair = try call.keyPair(
            "client-\(request.binding)",
            CertificateProfile(authority: Self.authority, commonName: request.binding, usages: [.client], ttl: ttl, fresh: true))
        // Recorded before it is handed out, so that there is none that cannot be revoked.
        try call.updateState(Bindings.key, initial: Bindings()) { bindings in
            guard bindings.entries[request.binding]?.isRevoked != true else {
                throw PluginProblem(
                    .precondition, code: "zookeeper.binding-revoked", "These credentials were revoked; ask for new ones.", owner: .tenant)
            }
            bindings.record(
                pair.serial, of: request.binding, expires: Int64(expires.timeIntervalSince1970), now: Int64(now.timeIntervalSince1970))
        }
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
            expiresAt: expires.formatted(.iso8601))
    }

    /// A node that cannot be told now must not wake with the old list: then the call is to be repeated.
    func revoke(_ call: borrowing Call, binding: String) throws {
        let now = Int64(Date.now.timeIntervalSince1970)
        try call.updateState(Bindings.key, initial: Bindings()) { $0.revoke(binding, now: now) }
        var failure: PluginProblem?
        for node in call.context.nodes where node.state != "lost" && node.state != "planned" {
            do {
                try refresh(call, node)
            } catch let problem as PluginProblem where problem.isRetryable {
                failure = problem
            }
        }
        if let failure { throw failure }
    }

    private func bindings(_ call: borrowing Call) throws -> Bindings {
        try call.state(Bindings.key).map { try JSONDecoder().decode(Bindings.self, from: $0.value) } ?? Bindings()
    }

    /// Where tenants reach the servers.
    private func addresses(_ context: Context) -> [String] {
        let known = context.endpoints.first { $0.name == Self.endpoint }?.addresses ?? []
        return known.isEmpty ? context.nodes.filter { $0.state != "lost" }.map { "\($0.address):\(Self.port)" } : known
    }

    /// The names and addresses that an endpoint's certificate must bear: its own, and those that tenants reach it by.
    static func names(_ node: Node, _ endpoints: [Endpoint]) -> (dns: [String], ips: [String]) {
        var dns: Set = ["localhost", node.name]
        var ips: Set = ["127.0.0.1", node.address]
        for address in endpoints.filter({ $0.name == endpoint }).flatMap(\.addresses) {
            guard let colon = address.lastIndex(of: ":") else { continue }
            let host = address[..<colon].filter { $0 != "[" && $0 != "]" }
            let isAddress = host.contains(":") || host.allSatisfy { $0 == "." || $0.isNumber }
            if isAddress { ips.insert(host) } else { dns.insert(host) }
        }
        return (dns.sorted(), ips.sorted())
    }
}
