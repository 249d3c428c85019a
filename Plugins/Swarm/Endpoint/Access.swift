// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import ImpresarioPluginKit

/// The tenants' way in: certificates of the cluster's own authority, and the endpoint on each manager that asks for them.
struct Access {
    static let endpointName = "docker"
    static let port = 2376
    static let authority = "endpoint"

    private static let serverLifetime = 10 * 365 * 86_400
    private static let defaultLifetime = 30 * 86_400
    private static let shortestLifetime = 60
    private static let longestLifetime = 365 * 86_400
    private static let stamp = Terminator.folder + "/stamp"

    var engine: Engine

    /// The endpoints of these managers run with a certificate for every name they are reached by and with the present revocation list. Those that
    /// do already are left alone.
    func refresh(_ call: borrowing Call, _ managers: [Node]) throws {
        guard !managers.isEmpty else { return }
        let serials = try bindings(call).revokedSerials
        var list: String?
        for manager in managers {
            let names = ServerNames(manager, call.context.endpoints)
            let pair = try call.keyPair(
                "server-\(manager.id)-\(names.digest)",
                CertificateProfile(
                    authority: Self.authority, commonName: manager.name, dns: names.dns, ips: names.addresses, usages: [.server],
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
            let revocations = try list ?? call.revocationList(of: Self.authority, serials: serials)
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
        let ttl = try lifetime(request.ttl)
        let manager = try engine.manager(call, among: call.context.nodes)
        try refresh(call, [manager])
        let now = Date.now
        let expires = now.addingTimeInterval(Double(ttl))
        let pair = try call.keyPair(
            "client-\(request.binding)",
            CertificateProfile(authority: Self.authority, commonName: request.binding, usages: [.client], ttl: ttl, fresh: true))
        // Recorded before it is handed out, so that there is none that cannot be revoked.
        try call.updateState(Bindings.key, initial: Bindings()) { bindings in
            guard bindings.entries[request.binding]?.isRevoked != true else {
                throw PluginProblem(
                    .precondition, code: "swarm.binding-revoked", "These credentials were revoked; ask for new ones.", owner: .tenant)
            }
            bindings.record(
                pair.serial, of: request.binding, expires: Int64(expires.timeIntervalSince1970), now: Int64(now.timeIntervalSince1970))
        }
        return Credentials(
            files: ["ca.pem": pair.ca, "cert.pem": pair.cert, "key.pem": pair.key ?? ""],
            env: ["DOCKER_HOST": "tcp://\(address(of: manager, call.context))", "DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": "${dir}"],
            expiresAt: expires.formatted(.iso8601))
    }

    func revoke(_ call: borrowing Call, binding: String) throws {
        let now = Int64(Date.now.timeIntervalSince1970)
        try call.updateState(Bindings.key, initial: Bindings()) { $0.revoke(binding, now: now) }
        // A manager that is lost comes back as another node, with the list of that day; one that only sleeps must not wake with an old list.
        let managers = call.context.nodes.filter { $0.role == Role.manager.rawValue && $0.state != "lost" && $0.state != "planned" }
        var failure: PluginProblem?
        for manager in managers {
            do {
                try refresh(call, [manager])
            } catch let problem as PluginProblem where problem.isRetryable {
                failure = problem
            }
        }
        if let failure { throw failure }
    }

    private func bindings(_ call: borrowing Call) throws -> Bindings {
        try call.state(Bindings.key).map { try JSONDecoder().decode(Bindings.self, from: $0.value) } ?? Bindings()
    }

    private func lifetime(_ asked: Duration?) throws(PluginProblem) -> Int {
        guard let asked else { return Self.defaultLifetime }
        let seconds = Int(clamping: asked.components.seconds)
        guard (Self.shortestLifetime...Self.longestLifetime).contains(seconds) else {
            throw PluginProblem(
                .invalid, code: "swarm.lifetime", "Credentials last from 1 minute to 365 days; \(seconds) s were asked for.", field: "/ttl",
                owner: .tenant)
        }
        return seconds
    }

    /// Where the tenant reaches this manager: the endpoint's addresses are those of the group's nodes that are there, in the document's order.
    private func address(of manager: Node, _ context: Context) -> String {
        let addresses = context.endpoints.first { $0.name == Self.endpointName }?.addresses ?? []
        let group = context.nodes.filter { $0.group == manager.group && $0.state != "lost" && $0.state != "planned" }
        if addresses.count == group.count, let index = group.firstIndex(of: manager) { return addresses[index] }
        return addresses.first ?? "\(manager.address):\(Self.port)"
    }
}
