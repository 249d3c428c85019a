// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioInfrastructure
import ImpresarioModel

/// The answer to a host call, as it is sent, and the problem that it tells.
struct HostReply: Sendable {
    var payload: [UInt8]
    var problem: Problem?
    /// Not an answer: the task that waited for the guest's end was cancelled.
    var isFromWaiter = false

    static var cancelled: HostReply { HostReply(payload: [], problem: nil, isFromWaiter: true) }

    static func notAllowed(in verbClass: PluginVerb.Class) -> WireProblem {
        WireProblem(
            code: "host.not-allowed", message: "A verb of the class '\(verbClass.rawValue)' may not call this host function.", owner: 3)
    }

    static func success(_ write: (inout FieldWriter) -> Void) -> HostReply {
        var fields = FieldWriter()
        fields.number(PluginStatus.ok.rawValue)
        fields.byte(0)
        write(&fields)
        return HostReply(payload: fields.bytes)
    }

    static func failure(_ problem: WireProblem, status: PluginStatus = .precondition) -> HostReply {
        var fields = FieldWriter()
        fields.number(status.rawValue)
        problem.write(to: &fields)
        return HostReply(payload: fields.bytes)
    }

    /// The detail stays here: it is for the broker's log, and a plugin could show it to the tenant.
    static func failure(_ problem: Problem) -> HostReply {
        let owners: [Problem.Owner: UInt32] = [.tenant: 1, .admin: 2, .plugin: 3, .infrastructure: 4]
        var reply = failure(
            WireProblem(
                code: String(problem.code.prefix(120)), field: String((problem.field ?? "").prefix(200)),
                message: String(problem.message.prefix(1000)), owner: owners[problem.owner] ?? 0,
                flags: problem.isRetryable == true ? WireProblem.retry : 0), status: PluginStatus(problem))
        reply.problem = problem
        return reply
    }
}

extension HostRequest {
    /// Asks the services. Never fails: a failure is an answer.
    func perform(_ services: any HostServices) async -> HostReply {
        do throws(Problem) {
            return try await result(services)
        } catch {
            return .failure(error)
        }
    }

    private func result(_ services: any HostServices) async throws(Problem) -> HostReply {
        switch self {
        case .execute(let commands):
            return try Self.outcomes(try await services.execute(commands), count: commands.count)
        case .put(let files):
            try await services.put(files)
            return .success { _ in }
        case .get(let node, let path, let limit):
            let content = try await services.get(node: node, path: path, limit: limit)
            guard content.count <= limit else { throw Problem(.bodyTooLarge, "The file is longer than \(limit) bytes.") }
            return .success { $0.block(content) }
        case .putArtifact:
            throw Problem(.notSupportedYet, "This broker has no artifact store.")
        case .declare(let nodes, let json):
            let service = try Self.decode(ServiceSpecification.self, json, what: "The service")
            try await services.declare(nodes: nodes, service: service)
            return .success { $0.block([]) }
        case .state(let key):
            return try Self.versioned(try await services.state(key), key: key)
        case .secret(let name):
            return try Self.versioned(try await services.secret(name), key: name)
        case .putState(let key, let value, let version):
            let new = try await services.putState(key, value, expecting: version)
            return .success { $0.number(new) }
        case .putSecret(let name, let value, let version):
            let new = try await services.putSecret(name, value, expecting: version)
            return .success { $0.number(new) }
        case .keyPair(let name, let profile):
            return .bytes(try await services.keyPair(name, profile: try Self.profile(profile)))
        case .issueCertificate(let request, let profile):
            return .bytes(try await services.issueCertificate(request: request, profile: try Self.profile(profile)))
        case .revocationList(let authority, let serials):
            return .bytes(try await services.revocationList(authority: authority, serials: serials))
        case .refused(let why, _):
            throw Problem(.invalidParameters, why, owner: .plugin)
        }
    }

    private static func outcomes(_ outcomes: [CommandOutcome], count: Int) throws(Problem) -> HostReply {
        guard outcomes.count == count else { throw Problem(.internal, "The driver answered \(outcomes.count) of \(count) commands.") }
        guard outcomes.reduce(0, { $0 + $1.output.count + $1.error.count }) <= PluginLimits.request else {
            throw Problem(.bodyTooLarge, "The commands' output is longer than \(PluginLimits.request) bytes together.", owner: .plugin)
        }
        return .success { fields in
            fields.number(UInt32(count))
            for outcome in outcomes {
                fields.number(outcome.exitCode)
                fields.number(UInt32((outcome.isTruncated ? 1 : 0) | (outcome.timedOut ? 2 : 0)))
                fields.block(outcome.output)
                fields.block(outcome.error)
            }
        }
    }

    private static func versioned(_ found: (value: Data, version: UInt64)?, key: String) throws(Problem) -> HostReply {
        guard let found else { throw Problem(.notFound, "There is nothing under '\(key)'.") }
        return .success { fields in
            fields.block(found.value)
            fields.number(found.version)
        }
    }

    private static func profile(_ json: String) throws(Problem) -> JSONValue {
        let value = try decode(JSONValue.self, json, what: "The profile")
        guard value.object != nil else { throw Problem(.invalidParameters, "The profile is not a JSON object.", owner: .plugin) }
        return value
    }

    private static func decode<Value: Decodable>(_ type: Value.Type, _ json: String, what: String) throws(Problem) -> Value {
        do {
            return try CanonicalJSON.decode(type, from: Data(json.utf8))
        } catch {
            let reason = Problem(decoding: error)
            throw Problem(.invalidParameters, "\(what) cannot be read: \(reason.message)", field: reason.field, owner: .plugin)
        }
    }
}

extension HostReply {
    static func bytes(_ bytes: Data) -> HostReply { .success { $0.block(bytes) } }
}
