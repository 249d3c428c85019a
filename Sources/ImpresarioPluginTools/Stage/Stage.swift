// SPDX-License-Identifier: Apache-2.0

import ImpresarioBroker
import ImpresarioInfrastructure
import ImpresarioModel
import ImpresarioPlugins
import ImpresarioStore

/// One cluster type of one library on one ground: what every check begins with.
struct Stage: Sendable {
    let library: Library
    let type: ClusterType
    let ground: Ground
    /// Instead of the usual ones, for people who look at a process in a debugger.
    var callTimeout: Duration?

    init(library: Library, type: ClusterType, ground: Ground) {
        self.library = library
        self.type = type
        self.ground = ground
    }

    var project: Project {
        Project(
            id: ID("p-verify"), name: "verify", tenant: ID("t-verify"), tenantName: "verify", limits: [:], network: ground.network,
            createdAt: Timestamp(milliseconds: 0))
    }

    var flavors: [Flavor] {
        Broker.initialFlavors.map { Flavor(name: $0.name, resources: $0.resources, createdAt: Timestamp(milliseconds: 0)) }
    }

    func planner(_ runtime: any PluginRuntime) -> Planner {
        Planner(
            runtime: runtime,
            plugin: Plugin(
                pin: library.pin, manifest: library.manifest, state: .enabled, sandbox: [], installedAt: Timestamp(milliseconds: 0)),
            type: type, project: project, flavors: flavors)
    }

    func has(_ verb: PluginVerb) -> Bool { type.verbs.contains(verb.rawValue) }

    /// `validate` or `plan`, watched.
    func pure(
        _ verb: PluginVerb, _ parameters: JSONValue, in guests: Guests, changing: (inout PluginContext) -> Void = { _ in }
    ) async -> CallRecord {
        var context = planner(guests.pool).context(name: "verify", parameters: parameters, labels: [:])
        changing(&context)
        let services = WatchedServices(NoServices(), names: [:])
        let start = ContinuousClock.now
        let call = PluginCall(
            plugin: library.pin, type: type.id, target: .verb(verb), context: context, tenant: project.tenant,
            timeout: callTimeout ?? .seconds(10))
        let result = await outcome { () throws(Problem) in try await guests.pool.call(call, services: services) }
        return CallRecord(
            what: verb.rawValue, attempt: 1, result: result, record: services.record, duration: ContinuousClock.now - start,
            hasSurvived: guests.pool.guestCount > 0)
    }
}

/// One call into a plugin and all that happened meanwhile.
struct CallRecord: Sendable {
    var what: String
    var attempt: Int
    var result: Result<JSONValue, Problem>
    var record: WatchedServices.Record
    var duration: Duration
    /// Whether the guest lived on.
    var hasSurvived: Bool

    var problem: Problem? { if case .failure(let problem) = result { problem } else { nil } }

    /// For messages: `bootstrap (attempt 2)`.
    var words: String { attempt > 1 ? "\(what) (attempt \(attempt))" : what }

    /// Whether a process ended that should not have.
    var hasCrashed: Bool { problem.map { $0.is(.pluginCrashed) || $0.is(.pluginProtocol) } ?? false }
}

extension Problem {
    /// For messages of a tool for authors, who may see everything.
    var told: String {
        let detail = detail.map { " (\(WatchedServices.cut($0, 300)))" } ?? ""
        return "\(field.map { "\($0): " } ?? "")\(message)\(detail)"
    }
}
