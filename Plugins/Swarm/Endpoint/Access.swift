// SPDX-License-Identifier: Apache-2.0

import ImpresarioPluginKit

/// The tenants' way in: certificates of the cluster's own authority, and the endpoint on each manager that asks for them.
struct Access {
    static let endpointName = "docker"
    static let port = 2376
    private static let clients = ClientCertificates(authority: "endpoint")

    private static let serverLifetime = 10 * 365 * 86_400
    private static let stamp = Terminator.folder + "/stamp"

    var engine: Engine

    /// What tenants may ask for: the engine knows one role only.
    static var schema: JSONValue {
        [
            "type": "object",
            "properties": [
                "role": [
                    "type": "string", "title": "Role",
                    "description": "The engine knows one role: whoever may talk to it may do everything.",
                    "enum": ["admin"], "default": "admin",
                ]
            ],
        ]
    }

    /// The endpoints of these managers run with a certificate for every name they are reached by and with the present revocation list. Those that
    /// do already are left alone.
    func refresh(_ call: borrowing Call, _ managers: [Node]) throws {
        guard !managers.isEmpty else { return }
        let serials = try Self.clients.revokedSerials(call)
        var list: String?
        for manager in managers {
            let names = ServerNames(manager, endpoint: Self.endpointName, call.context)
            let pair = try call.keyPair(
                "server-\(manager.id)-\(names.digest)",
                CertificateProfile(
                    authority: Self.clients.authority, commonName: manager.name, dns: names.dns, ips: names.ips, usages: [.server],
                    ttl: Self.serverLifetime))
            let terminator = Terminator(node: manager)
            let stamp = Digest.of([pair.serial, terminator.configuration] + serials)
            let isNew = call.context.operation.kind == "create" && call.context.operation.attempt == 1
            let old = isNew ? nil : try call.get(Self.stamp, from: manager).map { String(decoding: $0, as: UTF8.self) }
            guard old != stamp else {
                // An attempt before this one may have ended between the files and the service.
                if call.context.operation.attempt > 1 { try call.declare(terminator.service, on: manager) }
                continue
            }
            let revocations = try list ?? call.revocationList(of: Self.clients.authority, serials: serials)
            list = revocations
            let files = terminator.files(pair, revocationList: revocations, isNew: isNew)
            let seal = File(manager, Self.stamp, stamp, mode: 0o600)
            if isNew {
                // Nobody has read older files, and that it listens the cluster's health tells.
                try call.put(files + [seal])
                var service = terminator.service
                service.ready = nil
                try call.declare(service, on: manager)
                continue
            }
            // The files belong to the endpoint's user, whom the engine's service makes; here that may not have begun, or not have come so far.
            if old == nil { try engine.run(call, manager, Daemon.preparing("true"), "prepare its endpoint") }
            try call.put(files)
            try call.declare(terminator.service, on: manager)
            // A terminator that was there before has the old files in memory.
            if call.context.operation.attempt > 1 || old != nil { try engine.run(call, manager, Terminator.reload, "reload its endpoint") }
            try call.put([seal])
        }
    }

    func credentials(_ call: borrowing Call, _ request: CredentialsRequest) throws -> Credentials {
        guard request.role == nil || request.role == "admin" else {
            throw PluginProblem(
                .invalid, code: "swarm.unknown-role",
                "The role is '\(request.role ?? "")'; the engine knows only 'admin'.", field: "/role", owner: .tenant)
        }
        let manager = try engine.manager(call, among: call.context.nodes)
        try refresh(call, [manager])
        let (pair, expiresAt) = try Self.clients.issue(call, request)
        return Credentials(
            files: ["ca.pem": pair.ca, "cert.pem": pair.cert, "key.pem": pair.key ?? ""],
            env: ["DOCKER_HOST": "tcp://\(address(of: manager, call.context))", "DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": "${dir}"],
            expiresAt: expiresAt)
    }

    func revoke(_ call: borrowing Call, binding: String) throws {
        try Self.clients.revoke(call, binding: binding)
        // A manager that is lost comes back as another node, with the list of that day; one that only sleeps must not wake with an old list.
        let managers = call.context.nodes.filter { $0.role == Role.manager.rawValue && $0.state != "lost" && $0.state != "planned" }
        try call.forAll(managers) { try refresh(call, [$0]) }
    }

    /// Where the tenant reaches this manager: the endpoint's addresses are those of the group's nodes that are there, in the document's order.
    private func address(of manager: Node, _ context: Context) -> String {
        let addresses = context.endpoints.first { $0.name == Self.endpointName }?.addresses ?? []
        let group = context.nodes.filter { $0.group == manager.group && $0.state != "lost" && $0.state != "planned" }
        if addresses.count == group.count, let index = group.firstIndex(of: manager) { return addresses[index] }
        return addresses.first ?? "\(manager.address):\(Self.port)"
    }
}
