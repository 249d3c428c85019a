// SPDX-License-Identifier: Apache-2.0

import ImpresarioPluginKit

/// Servers become an ensemble, and others come and go while it serves; what is so is asked from them, so an interrupted attempt goes on where it was.
struct Ensemble {
    var observer = Observer()

    func bootstrap(_ call: borrowing Call) throws -> JoinResult {
        let nodes = present(call)
        call.progress(0.1, "Starting \(nodes.count) servers")
        // All at once: alone none of them has a quorum.
        try start(call, nodes, Members(nodes))
        call.progress(0.5, "Waiting for \(nodes.count) servers to elect a leader")
        return JoinResult(joined: try awaitVotes(call, nodes))
    }

    /// Who joins first follows without a vote, and has one as soon as it knows all: two empty servers must never be a majority that knows nothing.
    func join(_ call: borrowing Call, _ nodes: [Node]) throws -> JoinResult {
        let joining = Set(nodes.map(\.id))
        let others = present(call).filter { !joining.contains($0.id) }
        guard let voice = try voice(call, among: others) else {
            // Nobody can be asked: only those who join can bring the quorum back.
            try start(call, nodes, Members(others + nodes))
            let serving = try awaitVotes(call, nodes)
            if let voice = try self.voice(call, among: others + nodes) { try admit(call, nodes.filter { serving.contains($0.id) }, voice) }
            return JoinResult(joined: serving)
        }
        var members = try voice.members(call)
        let stale = nodes.filter { members[$0] != nil && members[$0]?.address != $0.address }
        try voice.remove(call, stale)
        for node in nodes where !members.counts(node) { members.add(node, hasVote: false) }
        try start(call, nodes, members)
        call.progress(0.5, "Waiting for \(nodes.count) servers to follow")
        let following = try wait(call, nodes) { if case .answering(let answer) = $0 { answer.mode != nil } else { false } }
        try admit(call, nodes.filter { following.contains($0.id) }, voice)
        return JoinResult(joined: try awaitVotes(call, nodes.filter { following.contains($0.id) }))
    }

    /// What is right now, one server after the other, the leader last, each time waiting until it serves; nothing is restarted that runs so already.
    func refresh(_ call: borrowing Call) throws {
        let nodes = present(call)
        let seen = try observer.observe(call, nodes)
        let ordered = nodes.filter { seen[$0.id]?.isLeader != true } + nodes.filter { seen[$0.id]?.isLeader == true }
        for (done, node) in ordered.enumerated() {
            call.progress(Double(done) / Double(ordered.count), "Looking at \(node.name)")
            try start(call, [node], Members(nodes))
            // To go on would cost the quorum.
            guard try awaitVotes(call, [node]) == [node.id] else { throw Self.isAway("The server on \(node.name) does not serve.") }
        }
    }

    /// The others agree to do without those that leave, and only then those stop.
    func leave(_ call: borrowing Call, _ request: LeaveRequest) throws {
        let leaving = Set(request.nodes.map(\.id))
        let staying = call.context.nodes.filter { !leaving.contains($0.id) && $0.state != "lost" && $0.state != "planned" }
        guard !staying.isEmpty else {
            throw PluginProblem(
                .precondition, code: "zookeeper.last-server", "The last server cannot leave; delete the cluster instead.", owner: .tenant)
        }
        call.progress(0.2, "Removing \(request.nodes.map(\.name).joined(separator: ", ")) from the members")
        if let voice = try voice(call, among: staying) {
            try voice.remove(call, request.nodes)
        } else if request.isLost {
            // The lost are still counted; with a replacement of the same number there is a quorum again.
            return call.log(.warning, "No server that stays has a quorum; the lost ones stay members until they are replaced")
        } else {
            throw Self.isAway("No server that stays has a quorum, so none can leave.")
        }
        let living = request.isLost ? [] : request.nodes.filter(\.isReachable)
        try call.declare(Service("zookeeper", .absent), on: living)
        try call.declare(Service(Terminator.name, .absent), on: living)
        // Should it come back, it begins anew.
        guard !living.isEmpty else { return }
        _ = try call.execute(living.map { Command($0, ["rm", "-rf", "\(Server.data)/server", "\(Server.data)/version-2"]) })
    }

    // MARK: -

    private func present(_ call: borrowing Call) -> [Node] { call.context.nodes.filter { $0.state != "lost" && $0.state != "planned" } }

    private func start(_ call: borrowing Call, _ nodes: [Node], _ members: Members) throws {
        let server = Server(parameters: try call.context.cluster.params.decoded(as: Parameters.self))
        try call.put(try nodes.flatMap { try server.files(call, $0, members) })
        try call.declare(server.service(call.context.nodes), on: nodes)
        for node in nodes { try Access().refresh(call, node) }
    }

    private func admit(_ call: borrowing Call, _ nodes: [Node], _ voice: Voice) throws {
        for node in nodes { try voice.add(call, node) }
    }

    /// A server that has a quorum and can be asked to change it; followers first, for they stay when the leader goes.
    private func voice(_ call: borrowing Call, among nodes: [Node]) throws -> Voice? {
        var seen: [String: Observation] = [:]
        // Between two leaders there is none for a moment.
        let isThere = try call.poll(upTo: .seconds(10), every: .milliseconds(300)) {
            seen = try observer.observe(call, nodes)
            return nodes.isEmpty || seen.values.contains(where: \.isServing) || !seen.values.contains { $0.isAnswering }
        }
        guard isThere else { return nil }
        let serving = nodes.filter { seen[$0.id]?.isServing == true }
        return (serving.first { seen[$0.id]?.isLeader != true } ?? serving.first).map(Voice.init)
    }

    /// Ids of those that lead or follow, after waiting for all of them.
    private func awaitVotes(_ call: borrowing Call, _ nodes: [Node]) throws -> [String] { try wait(call, nodes, \.isServing) }

    private func wait(_ call: borrowing Call, _ nodes: [Node], _ isDone: (Observation) -> Bool) throws -> [String] {
        var done: [String] = []
        let isComplete = try call.poll(upTo: .seconds(120), every: .milliseconds(300)) {
            let seen = try observer.observe(call, nodes)
            done = nodes.map(\.id).filter { seen[$0].map(isDone) == true }
            return done.count == nodes.count
        }
        if !isComplete { call.log(.warning, "\(nodes.count - done.count) of \(nodes.count) servers do not serve yet") }
        return done
    }

    private static func isAway(_ message: String) -> PluginProblem {
        PluginProblem(.unavailable, code: "zookeeper.not-serving", message)
    }
}
