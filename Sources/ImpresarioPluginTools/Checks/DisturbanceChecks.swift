// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel
import ImpresarioPlugins

/// Bootstrap on new nodes, disturbed at a host call, then repeated.
extension TypeChecks {
    func checkDisturbances(_ subject: Subject, functions: [String]) async throws {
        let total = functions.count
        try await list.check(.crash, "bootstrap: killed, then again") {
            var random = random("crash")
            return try await disturb(subject, random.sample(points, of: total).map { ($0, .kill) }, of: total)
        }
        try await list.check(.faults, "bootstrap: a fault at each host call") {
            var random = random("faults")
            let numbers = random.sample(points + (stage.ground.kind == .local ? 1 : 0), of: total)
            return try await disturb(subject, faults(at: numbers, functions, &random), of: total)
        }
        try await list.check(.cancellation, "bootstrap: ends within 5 s") {
            var random = random("cancel")
            return try await disturb(subject, random.sample(max(1, points - 1), of: total).map { ($0, .cancel) }, of: total)
        }
        try await list.check(.destroy, "destroy of a half-made cluster") { try await destroyHalfMade(subject, of: total) }
    }

    typealias Disturbance = (number: Int, kind: Interference.Kind)

    /// Every kind of fault at each of these host calls; on real nodes, where each takes a cluster, one kind.
    func faults(at numbers: [Int], _ functions: [String], _ random: inout SeededRandom) -> [Disturbance] {
        var faults: [Disturbance] = []
        for number in numbers {
            let kinds: [Interference.Kind] = [.fail, .failAfterwards] + (functions[number - 1] == "node_exec" ? [.exitCode] : [])
            let chosen = stage.ground.kind == .local ? kinds.randomElement(using: &random).map { [$0] } ?? [] : kinds
            faults += chosen.map { (number, $0) }
        }
        return faults
    }

    private func disturb(
        _ subject: Subject, _ disturbances: [Disturbance], of total: Int
    ) async throws -> Verdict {
        guard total > 0 else { return .skipped("bootstrap makes no host calls") }
        var tried: Set<Int> = []
        for (number, kind) in disturbances {
            let hasMet = try await withCluster(subject) { cluster in
                let create = cluster.operation("create")
                let run = try await cluster.bootstrap(operation: create, interference: Interference(kind: kind, number: number))
                guard run.record.hasInterfered else { return false }
                switch kind {
                case .kill: break
                case .cancel: try expectCancelled(run)
                default: try expectHonest(run, kind)
                }
                let story = "after an attempt in which \(run.disturbed) \(kind.words)"
                if run.problem == nil {
                    _ = try cluster.markJoined(run, by: .bootstrap)
                    if let join = try await cluster.joinRest(operation: create), join.problem != nil { try expectOK(join, story) }
                    try await expectHealthy(cluster, run, kind)
                } else {
                    try await cluster.raise(operation: create, attempt: 2, story: story)
                }
                return true
            }
            if hasMet { tried.insert(number) }
        }
        return .passed("\(tried.count) of \(total) host calls, \(disturbances.count) clusters")
    }

    /// Bootstrap said OK although something failed: then all must be well.
    private func expectHealthy(_ cluster: StagedCluster, _ run: CallRecord, _ kind: Interference.Kind) async throws {
        let (report, _) = try await cluster.health { $0.health == .healthy }
        guard report.health != .healthy else { return }
        throw Finding.failed(
            "A failure was swallowed: \(run.words) answered OK although \(run.disturbed) \(kind.words), and health says \(report.words).",
            remedy: "Check the status of every host function and the exit code of every command; answer a problem when one failed.")
    }

    /// A write that failed must be done again or told.
    func expectHonest(_ run: CallRecord, _ kind: Interference.Kind) throws {
        if run.hasCrashed, let problem = run.problem {
            throw Finding.failed(
                "\(run.words) crashed when \(run.disturbed) \(kind.words): \(problem.told)",
                remedy: "Look at nothing that a host function gives out before its status is IMP_OK.")
        }
        if let problem = run.problem, problem.is(.deadlineExceeded) {
            throw Finding.failed(
                "\(run.words) hung when \(run.disturbed) \(kind.words).",
                remedy: "Bound every loop that waits, by deadline_ns at the latest.")
        }
        if case .failAfterwards = kind { return }
        guard run.problem == nil, let failed = run.record.calls.first(where: \.isInjected), failed.leavesSomething,
            failed.problem != nil
        else { return }
        let isDoneLater = run.record.calls.contains { $0.number > failed.number && $0.subject == failed.subject && $0.problem == nil }
        guard !isDoneLater else { return }
        throw Finding.failed(
            "A failure was swallowed: \(run.words) answered OK although \(failed.words) failed and was not called again.",
            remedy: "Check the status of every host function; return it when it is not IMP_OK, last_problem() tells the rest.")
    }

    private func expectCancelled(_ run: CallRecord) throws {
        let call = run.disturbed
        guard run.hasSurvived else {
            throw Finding.failed(
                "Cancellation was ignored: \(run.words) went on for 5 s after it was cancelled in \(call), made \(run.record.refused.count) more host calls, and was killed.",
                remedy: "Return when a host function answers IMP_CANCELLED, and poll cancelled() in every loop.")
        }
        guard let problem = run.problem else {
            let refused = run.record.calls.first {
                $0.problem?.is(.cancelled) == true && ($0.leavesSomething || $0.function == "node_exec")
            }
            guard let refused else { return }
            throw Finding.failed(
                "Cancellation was ignored: \(run.words) answered OK although it was cancelled in \(call) and \(refused.words) was refused.",
                remedy: "Return IMP_CANCELLED when a host function answers it.")
        }
        guard problem.is(.cancelled) else {
            throw Finding.failed(
                "Cancelled in \(call), \(run.words) answered another problem: \(problem.told)",
                remedy: "Return the status of a host function that answers IMP_CANCELLED as it is, so that nobody takes it for a failure.")
        }
    }

    private func destroyHalfMade(_ subject: Subject, of total: Int) async throws -> Verdict {
        try await withCluster(subject) { cluster in
            let untouched = try await cluster.call(.verb(.destroy), operation: cluster.operation("destroy"), kind: "delete")
            try expectOK(untouched, "on nodes on which nothing was made")
            let number = max(1, total / 2)
            _ = try await cluster.bootstrap(operation: cluster.operation("create"), interference: Interference(kind: .kill, number: number))
            let operation = cluster.operation("destroy")
            for attempt in 1...2 {
                let run = try await cluster.call(.verb(.destroy), operation: operation, kind: "delete", attempt: attempt)
                try expectOK(run, "on a cluster whose bootstrap was killed at host call \(number)")
            }
            guard let victim = cluster.nodes.last else { return .passed() }
            try await cluster.stop(victim)
            cluster.setState(.lost, of: victim)
            let run = try await cluster.call(.verb(.destroy), operation: operation, kind: "delete", attempt: 3)
            guard run.problem == nil else {
                return .warning(
                    "destroy failed on a cluster with a node that is lost: \(run.problem?.told ?? "")",
                    remedy: "Nodes that cannot be reached need nothing; the core destroys them in any case.")
            }
            return .passed("untouched, killed at host call \(number) of \(total), with a lost node")
        }
    }
}

extension CallRecord {
    /// The host call that was interfered with, for messages.
    var disturbed: String { record.calls.first { $0.isInjected }?.words ?? "a host call" }
}
