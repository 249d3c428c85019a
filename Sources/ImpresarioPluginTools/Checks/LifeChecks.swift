// SPDX-License-Identifier: Apache-2.0

import ImpresarioBroker
import ImpresarioModel
import ImpresarioPlugins

/// A cluster's life, on nodes: first one cluster from its beginning to its end, then new ones that are disturbed.
extension TypeChecks {
    func checkLife(_ subject: Subject) async throws {
        let wanted: [CheckGroup] = [.life, .idempotence, .crash, .faults, .cancellation, .health, .operations, .memory, .destroy, .classes]
        guard wanted.contains(where: list.wants) else { return }
        let main = try await withCluster(subject) { cluster in try await checkStandingCluster(cluster, subject) }
        try await list.check(.classes, "read verbs") {
            guard main.violations.isEmpty else {
                throw Finding.failed(
                    "A verb called what it may not: \(main.violations.joined(separator: ", ")).",
                    remedy: "health and read-only operations change nothing: only the host functions marked [read] and [any] are for them.")
            }
            return .passed("health and read-only operations called nothing that they may not")
        }
        guard main.wasHealthy else { return }
        try await checkDisturbances(subject, functions: main.functions)
    }

    /// What the first cluster taught.
    struct Lesson {
        var wasHealthy = false
        /// What bootstrap called, in order.
        var functions: [String] = []
        var violations: [String] = []
    }

    /// Runs the body with nodes that are new. They are gone at its end.
    func withCluster<Value>(_ subject: Subject, _ body: (StagedCluster) async throws -> Value) async throws -> Value {
        let cluster = try StagedCluster(stage, parameters: subject.parameters, plan: subject.plan)
        let result: Result<Value, any Error>
        do {
            try await cluster.provision()
            result = .success(try await body(cluster))
        } catch { result = .failure(error) }
        // Also when the task is cancelled: what closes the ground takes the rest.
        try? await cluster.destroyNodes()
        return try result.get()
    }

    private func checkStandingCluster(_ cluster: StagedCluster, _ subject: Subject) async throws -> Lesson {
        var lesson = Lesson()
        let create = cluster.operation("create")
        try await list.check(.life, "bootstrap, join, healthy", isNeeded: true) {
            let run = try await cluster.bootstrap(operation: create)
            lesson.functions = run.record.calls.map(\.function)
            try expectOK(run, "on new nodes")
            _ = try cluster.markJoined(run, by: .bootstrap)
            if let join = try await cluster.joinRest(operation: create) { try expectOK(join, "after bootstrap") }
            try await cluster.awaitHealthy("after bootstrap and join")
            lesson.wasHealthy = true
            return .passed("\(cluster.nodes.count) nodes, \(lesson.functions.count) host calls in bootstrap, each verb in a new process")
        }
        guard lesson.wasHealthy else {
            lesson.violations = cluster.violations
            return lesson
        }
        try await checkMemory(of: cluster)
        try await checkRepetition(of: cluster, create: create)
        try await checkOperations(on: cluster)
        try await checkHealth(of: cluster)
        try await checkBindings(of: cluster)
        try await checkMembership(of: cluster)
        try await list.check(.destroy, "destroy twice") {
            for attempt in 1...2 {
                let run = try await cluster.call(
                    .verb(.destroy), operation: "destroy-\(cluster.record.id)", kind: "delete", attempt: attempt)
                try expectOK(run, attempt == 1 ? "on a healthy cluster" : "when it was destroyed already")
            }
            return .passed()
        }
        lesson.violations = cluster.violations
        return lesson
    }

    func expectOK(_ run: CallRecord, _ story: String) throws {
        guard let problem = run.problem else { return }
        if run.hasCrashed {
            throw Finding.failed(
                "\(run.words) crashed \(story): \(problem.told)\(run.lastCall)",
                remedy: "Run it in a debugger: imp plugin run FILE --wait-debugger.")
        }
        let remedy =
            run.attempt > 1
            ? "Every verb may be called again after an attempt that ended anywhere: look what is there before making it."
            : problem.remedy ?? "See the message; imp plugin run FILE shows every host call."
        throw Finding.failed("\(run.words) failed \(story): \(problem.told)\(run.lastCall)", remedy: remedy)
    }

    // MARK: - Nothing is remembered

    private func checkMemory(of cluster: StagedCluster) async throws {
        try await list.check(.memory, "nothing remembered in the process") {
            try await stage.library.withGuests { used in
                var reports: [HealthReport] = []
                for _ in 0..<3 { reports.append(try await cluster.health(in: used).report) }
                let fresh = try await cluster.health().report
                guard reports.allSatisfy({ Self.isAlike($0, fresh) }) else {
                    throw Finding.failed(
                        "health answers \(reports.map(\.words).joined(separator: ", ")) in one process and \(fresh.words) in a new one.",
                        remedy: "Keep nothing in variables that outlive the call: the process may be another one each time. Use state_put.")
                }
                return .passed("health in a used and in a new process")
            }
        }
    }

    private static func isAlike(_ one: HealthReport, _ other: HealthReport) -> Bool {
        func states(_ report: HealthReport) -> [String: HealthReport.NodeReport.State] {
            Dictionary((report.nodes ?? []).map { ($0.id, $0.state) }) { $1 }
        }
        return one.health == other.health && states(one) == states(other) && one.version == other.version
    }

    // MARK: - Idempotence

    private func checkRepetition(of cluster: StagedCluster, create: String) async throws {
        try await list.check(.idempotence, "bootstrap twice") {
            let (secrets, joined) = (cluster.secrets, Set(cluster.nodes.filter { $0.state == .joined }.map(\.id.rawValue)))
            let run = try await cluster.bootstrap(operation: create, attempt: 2)
            try expectOK(run, "on a cluster that is healthy already")
            let answer = Set(try cluster.markJoined(run, by: .bootstrap))
            try await cluster.awaitHealthy("after bootstrap was called a second time on a healthy cluster")
            if let name = cluster.secrets.keys.sorted().first(where: { secrets[$0] != nil && secrets[$0] != cluster.secrets[$0] }) {
                throw Finding.failed(
                    "The second bootstrap replaced the secret '\(name)'; members that have the first one are locked out.",
                    remedy: "Ask secret_get first, and draw a secret only when there is none (secret_put expecting version 0).")
            }
            guard !answer.isEmpty, answer.isSubset(of: joined) else {
                return .warning(
                    "The second bootstrap answered other nodes as joined than are members.",
                    remedy: "Answer the nodes that are members now.")
            }
            return .passed("\(run.record.calls.count) host calls")
        }
        guard stage.has(.configure) else { return }
        try await list.check(.idempotence, "configure to what it is, twice") {
            let operation = cluster.operation("configure")
            for attempt in 1...2 {
                let run = try await cluster.call(
                    .verb(.configure), operation: operation, kind: "configure", attempt: attempt,
                    args: ["old": cluster.record.parameters, "new": cluster.record.parameters])
                try expectOK(run, "with parameters that do not change")
            }
            try await cluster.awaitHealthy("after configure")
            return .passed()
        }
    }

    // MARK: - Bindings

    private func checkBindings(of cluster: StagedCluster) async throws {
        guard stage.has(.credentials), stage.has(.revoke) else { return }
        let kept: JSONValue = ["binding": "b-verify-1"]
        try await list.check(.idempotence, "credentials twice, revoke twice") {
            for attempt in 1...2 {
                let run = try await cluster.call(
                    .verb(.credentials), operation: "credentials-1", kind: "credentials", attempt: attempt, args: kept)
                try expectOK(run, "for a new binding")
                let issued: IssuedCredentials = try run.result.get().answer(of: stage.library.pin, to: .credentials)
                try Self.check(issued)
            }
            for attempt in 1...2 {
                let run = try await cluster.call(.verb(.revoke), operation: "revoke-1", kind: "revoke", attempt: attempt, args: kept)
                try expectOK(run, attempt == 1 ? "for a binding that was issued" : "for a binding that was revoked already")
            }
            let never = try await cluster.call(
                .verb(.revoke), operation: "revoke-2", kind: "revoke", args: ["binding": "b-verify-never"])
            try expectOK(never, "for a binding whose credentials never came to be")
            return .passed()
        }
        for (verb, binding) in [(PluginVerb.credentials, "b-verify-2"), (.revoke, "b-verify-2")] {
            try await list.check(.faults, "\(verb.rawValue): a fault at each host call") {
                try await faults(in: verb, args: ["binding": .string(binding)], of: cluster)
            }
        }
    }

    private static func check(_ issued: IssuedCredentials) throws {
        if let name = issued.files.keys.sorted().first(where: { $0.isEmpty || $0.contains("/") || $0.hasPrefix(".") || $0.utf8.count > 64 })
        {
            throw Finding.failed(
                "credentials answered a file named '\(name.prefix(80))'.", remedy: "Names are plain: letters, digits and -._, no folders.")
        }
        guard !issued.files.isEmpty || !issued.env.isEmpty else {
            throw Finding.failed("credentials answered neither files nor env.", remedy: "Answer what a client needs to use the cluster.")
        }
    }

    /// On a cluster that stands: the verb fails or does all, and without the fault it works.
    private func faults(in verb: PluginVerb, args: JSONValue, of cluster: StagedCluster) async throws -> Verdict {
        let operation = cluster.operation(verb.rawValue)
        let kind = verb.rawValue
        let clean = try await cluster.call(.verb(verb), operation: operation, kind: kind, args: args)
        try expectOK(clean, "without a fault")
        var random = random("faults of \(verb.rawValue)")
        let functions = clean.record.calls.map(\.function)
        var attempt = 1
        let faults = self.faults(at: random.sample(points, of: functions.count), functions, &random)
        for (number, kind) in faults {
            attempt += 1
            let run = try await cluster.call(
                .verb(verb), operation: operation, kind: verb.rawValue, attempt: attempt, args: args,
                interference: Interference(kind: kind, number: number))
            try expectHonest(run, kind)
            attempt += 1
            let again = try await cluster.call(.verb(verb), operation: operation, kind: verb.rawValue, attempt: attempt, args: args)
            try expectOK(again, "after an attempt in which \(run.disturbed) \(kind.words)")
        }
        return .passed("\(Set(faults.map(\.number)).count) of \(functions.count) host calls, \(faults.count) faults")
    }
}
