// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel
import ImpresarioPluginTools
import Testing

/// Each planted fault is found by the check that is there for it, and named.
@Suite(.serialized) struct PlantedFaultTests {
    struct Fault: Sendable, CustomTestStringConvertible {
        var library: String
        var group: CheckGroup
        var check: String
        var words: String
        var points: Int?
        var testDescription: String { library }

        init(_ library: String, _ group: CheckGroup, _ check: String, _ words: String, points: Int? = nil) {
            (self.library, self.group, self.check, self.words, self.points) = (library, group, check, words, points)
        }
    }

    static let faults = [
        Fault("symbols-shown", .load, "exported symbols", "exports 1 more symbols than its entry, such as planted_helper"),
        Fault("entry-slow", .load, "entry under 50 ms", "imp_plugin_v0 took 8"),
        Fault("host-newer", .load, "descriptor", "crashed with SIGSEGV"),
        Fault("plan-broken", .documents, "drawn parameters", "/groups/0/count"),
        Fault("pointer-missing", .documents, "drawn parameters", "the field 'nodes', which is no JSON pointer"),
        Fault("member-unknown", .documents, "unknown members", "differently when the document has members that are not known"),
        Fault("validate-crashes", .documents, "hostile parameters", "crashed with SIGSEGV during the verb 'validate'"),
        Fault("plan-differs", .determinism, "plan", "is not deterministic: called twice in one process"),
        Fault("plan-writes", .classes, "pure verbs", "plan: node_put"),
        Fault("memory-leaks", .memory, "growth over many calls", "bytes with each call of plan and validate"),
        Fault("bootstrap-once", .idempotence, "bootstrap twice", "bootstrap (attempt 2) failed on a cluster that is healthy already"),
        Fault("bootstrap-redraws", .idempotence, "bootstrap twice", "replaced the secret 'key'"),
        Fault("join-ignored", .life, "bootstrap, join, healthy", "did not become healthy after bootstrap and join"),
        Fault("health-writes", .classes, "read verbs", "health: state_put"),
        Fault("health-remembers", .memory, "nothing remembered in the process", "in one process and healthy in a new one"),
        Fault("health-blind", .health, "notices a stopped node", "health is blind: the node verify-node-2 is stopped"),
        Fault("operation-crashes", .operations, "length", "operation length did not survive the arguments {}"),
        Fault("revoke-unknown", .idempotence, "credentials twice, revoke twice", "for a binding that was revoked already"),
        Fault("failure-swallowed", .faults, "bootstrap: a fault at each host call", "answered OK although node_put (host call 1"),
        Fault("never-continues", .crash, "bootstrap: killed, then again", "after an attempt in which state_put (host call 2"),
        Fault(
            "cancel-ignored", .cancellation, "bootstrap: ends within 5 s", "Cancellation was ignored: bootstrap went on for 5 s", points: 1),
        Fault("cancel-swallowed", .cancellation, "bootstrap: ends within 5 s", "Cancellation was ignored: bootstrap answered OK"),
        Fault("destroy-once", .destroy, "destroy twice", "destroy (attempt 2) failed when it was destroyed already"),
    ]

    @Test(arguments: faults) func `a planted fault is named`(fault: Fault) async throws {
        let report = try await PlantedFixture.verify(fault.library, groups: [fault.group], points: fault.points)
        #expect(report.grade == .f)
        let failed = report.checks.filter { $0.result == .failed }
        let found = try #require(
            failed.first { $0.group == fault.group.rawValue && $0.name == fault.check },
            "failed: \(failed.map { "\($0.group): \($0.name): \($0.message)" })")
        #expect(found.message.contains(fault.words), "\(found.message)")
        #expect(found.message.contains("(seed 1)"))
        #expect(found.remedy?.isEmpty == false)
    }

    @Test(arguments: [1, 7]) func `a plugin without a fault gets the best grade of simulated nodes`(seed: UInt64) async throws {
        let report = try await PlantedFixture.verify("clean", seed: seed)
        #expect(report.grade == .b)
        let others = report.checks.filter { $0.result != .passed }
        #expect(others.isEmpty, "\(others)")
        #expect(Set(report.checks.map(\.group)) == Set(CheckGroup.allCases.map(\.rawValue)))
    }
}
