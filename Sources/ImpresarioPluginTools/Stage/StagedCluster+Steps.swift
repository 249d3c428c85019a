// SPDX-License-Identifier: Apache-2.0

import ImpresarioBroker
import ImpresarioModel
import ImpresarioPlugins

/// The steps of a create operation.
extension StagedCluster {
    /// How long to wait for what takes time on this ground.
    var patience: Duration { stage.ground.kind == .local ? .seconds(120) : .seconds(5) }

    func bootstrap(
        operation: String, attempt: Int = 1, in guests: Guests? = nil, interference: Interference? = nil
    ) async throws -> CallRecord {
        try await call(.verb(.bootstrap), operation: operation, attempt: attempt, in: guests, interference: interference)
    }

    /// `bootstrap` has answered; the rest joins in batches.
    func joinRest(
        operation: String, attempt: Int = 1, in guests: Guests? = nil, interference: Interference? = nil
    ) async throws -> CallRecord? {
        var last: CallRecord?
        for group in record.groups {
            while true {
                let waiting = nodes.filter { $0.group == group.name && $0.state == .running }
                guard !waiting.isEmpty else { break }
                let batch = waiting.prefix(group.batch)
                let run = try await call(
                    .verb(.join), operation: operation, attempt: attempt,
                    args: ["nodes": .array(batch.map { .string($0.id.rawValue) })], in: guests, interference: interference)
                guard run.problem == nil else { return run }
                let joined = try markJoined(run, by: .join)
                guard batch.contains(where: { joined.contains($0.id.rawValue) }) else {
                    throw Finding.failed(
                        "join joined none of \(batch.map(\.name).joined(separator: ", ")).",
                        remedy: "Answer the ids of args.nodes that are members now, or a problem.")
                }
                last = run
            }
        }
        return last
    }

    /// What `health` answers when it is asked again and again, as soon as it satisfies the condition or when patience is over.
    func health(
        in guests: Guests? = nil, within limit: Duration? = nil, until isEnough: (HealthReport) -> Bool = { _ in true }
    ) async throws -> (report: HealthReport, call: CallRecord) {
        let deadline = ContinuousClock.now + (limit ?? patience)
        var pause = Duration.milliseconds(50)
        while true {
            let run = try await call(.verb(.health), operation: operation("health"), kind: "create", in: guests, timeout: .seconds(60))
            let report: HealthReport
            do throws(Problem) {
                report = try run.result.get().answer(of: stage.library.pin, to: .health)
            } catch {
                throw Finding.failed(
                    "health failed: \(error.told)\(run.lastCall)",
                    remedy: "Report what is wrong in the answer ('unhealthy', conditions); fail only when nothing can be said.")
            }
            if isEnough(report) || ContinuousClock.now >= deadline { return (report, run) }
            try await Task.sleep(for: pause)
            pause = min(pause * 2, .seconds(1))
        }
    }

    /// Waits for "healthy".
    ///
    /// - Parameter story: what was done before, for the message.
    func awaitHealthy(_ story: String, in guests: Guests? = nil, within limit: Duration? = nil) async throws {
        let (report, _) = try await health(in: guests, within: limit) { $0.health == .healthy }
        guard report.health != .healthy else { return }
        throw Finding.failed(
            "The cluster did not become healthy \(story): health says \(report.words).",
            remedy: "Make the verb find what is done already and do the rest; answer a problem instead of OK when something is not done.")
    }

    /// Bootstrap, join, healthy.
    ///
    /// - Parameter first: the attempt to begin with.
    func raise(operation: String, attempt: Int = 1, story: String = "after bootstrap and join", in guests: Guests? = nil) async throws {
        let run = try await bootstrap(operation: operation, attempt: attempt, in: guests)
        if let problem = run.problem {
            throw Finding.failed(
                "\(run.words) failed \(story): \(problem.told)\(run.lastCall)",
                remedy: attempt > 1
                    ? "An attempt must continue after one that ended anywhere: look what is there before making it." : "See the message.")
        }
        _ = try markJoined(run, by: .bootstrap)
        if let run = try await joinRest(operation: operation, attempt: attempt, in: guests), let problem = run.problem {
            throw Finding.failed("\(run.words) failed \(story): \(problem.told)\(run.lastCall)", remedy: "See the message.")
        }
        try await awaitHealthy(story, in: guests)
    }
}

extension CallRecord {
    /// Which host call came last, for messages.
    var lastCall: String {
        guard let last = record.calls.last else { return "" }
        return "; its last host call was \(last.words)"
    }
}

extension HealthReport {
    /// `unhealthy (QuorumLost: …; web-0 down)`.
    var words: String {
        let reasons =
            (conditions ?? []).filter { $0.severity != .info }.map { "\($0.type): \($0.message)" }
            + (nodes ?? []).filter { $0.state != .ready }.map { "\($0.id) \($0.state.rawValue)\($0.reason.map { ": \($0)" } ?? "")" }
        return reasons.isEmpty ? health.rawValue : "\(health.rawValue) (\(WatchedServices.cut(reasons.joined(separator: "; "), 400)))"
    }
}
