// SPDX-License-Identifier: Apache-2.0

import ImpresarioInfrastructure
import ImpresarioModel

/// Level-triggered: compares what is recorded with what driver and plugin report, again and again, and mends what it may.
///
/// - A host that does not answer counts as down after a while, and its nodes as lost until it answers again.
/// - A node that should run and does not is started; one that keeps stopping, or is gone, is replaced by an operation.
/// - What a draining host carries is replaced elsewhere.
/// - A node under our id that no record knows is destroyed: at once when it was given up, else when it has been seen so for the grace period.
/// - Health and conditions of ready clusters are kept up to date.
/// - Remembered answers older than a day are forgotten.
///
/// What it remembers between two looks is lost with the broker, and only makes the next one wait, try or tell once more.
struct Reconciler: Sendable {
    let broker: Broker

    /// By what elapsed, not by the wall clock, which may be set.
    struct Memory {
        /// Nodes that no record knows, since when.
        var strangers: [ID<Node>: Duration] = [:]
        /// Hosts that do not answer, since when.
        var silent: [String: Duration] = [:]
        /// When nodes were started again.
        var restarts: [ID<Node>: [Duration]] = [:]
        /// Nodes that are on record and not on their host.
        var missing: Set<ID<Node>> = []
        /// Nodes that are past being started again.
        var dead: Set<ID<Node>> = []
        /// What was last told about why something does not go on.
        var told: [String: String] = [:]
        var nextSweep = Duration.zero
    }

    var parts: Broker.Parts { broker.parts }
    var ledger: Ledger { broker.ledger }

    func run() async {
        var memory = Memory()
        while !Task.isCancelled {
            let before = ledger.snapshot
            let looks = await look()
            await judge(looks, &memory)
            await reconcileNodes(looks, before, &memory)
            await refreshHealth()
            await beginRepairs(&memory)
            await beginDrains(&memory)
            if parts.time.elapsed() >= memory.nextSweep {
                await forgetAnswers()
                memory.nextSweep = parts.time.elapsed() + .seconds(3600)
            }
            do { try await parts.time.sleep(for: parts.options.healthInterval) } catch { return }
        }
    }

    func note(_ type: String, _ message: String, cluster: Cluster? = nil) async {
        let event = broker.event(type, by: "broker", message, tenant: cluster?.tenant, project: cluster?.project, cluster: cluster?.id)
        try? await ledger.transact { _, draft throws(Problem) in try draft.record(event) }
    }

    /// Tells once what does not go on and why, until the reason is another one.
    func tell(_ type: String, of subject: String, _ message: String, cluster: Cluster? = nil, _ memory: inout Memory) async {
        guard memory.told[subject] != message else { return }
        memory.told[subject] = message
        await note(type, message, cluster: cluster)
    }
}
