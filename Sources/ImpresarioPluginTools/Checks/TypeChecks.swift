// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel
import ImpresarioPlugins

/// All checks of one cluster type, in order.
final class TypeChecks {
    let stage: Stage
    let options: Verification.Options
    let list: CheckList
    /// Forbidden host functions of pure verbs, as `plan: node_put`.
    var violations: [String] = []

    init(_ stage: Stage, _ options: Verification.Options, _ list: CheckList) {
        self.stage = stage
        self.options = options
        self.list = list
    }

    /// How many points of a verb are disturbed in each way.
    var points: Int { options.points ?? (stage.ground.kind == .local ? 3 : 40) }

    func random(_ purpose: String) -> SeededRandom { SeededRandom(seed: options.seed, "\(stage.type.id) \(purpose)") }

    func run() async throws {
        try await checkDocuments()
        try await checkDeterminism()
        try await checkGrowth()
        try await list.check(.classes, "pure verbs") { try await pureVerbs() }
        var subject: Subject?
        try await list.check(.documents, "a cluster to try", isNeeded: true) {
            let chosen = try await chooseSubject()
            subject = chosen
            return .passed("\(chosen.parameters.excerpt): \(chosen.nodeCount) nodes")
        }
        guard let subject else { return }
        try await checkLife(subject)
    }

    func note(_ call: CallRecord) -> CallRecord {
        for function in call.record.violations where !violations.contains("\(call.what): \(function)") {
            violations.append("\(call.what): \(function)")
        }
        return call
    }

    private func pureVerbs() async throws -> Verdict {
        var samples = try SchemaSamples(stage.type.createSchema, random: random("classes"))
        try await stage.library.withGuests { guests in
            for _ in 0..<5 {
                let given = samples.next() ?? samples.defaults
                for verb in [PluginVerb.validate, .plan] { _ = note(await stage.pure(verb, given, in: guests)) }
            }
        }
        guard violations.isEmpty else {
            throw Finding.failed(
                "Pure verbs called what they may not: \(violations.joined(separator: ", ")).",
                remedy: "validate and plan decide from their document alone; the only host functions for them are those marked [any].")
        }
        return .passed("validate and plan called nothing that they may not")
    }
}

/// The cluster that most checks make.
struct Subject: Sendable {
    var parameters: JSONValue
    var plan: ClusterPlan

    var nodeCount: Int { plan.groups.reduce(0) { $0 + $1.count } }
}
