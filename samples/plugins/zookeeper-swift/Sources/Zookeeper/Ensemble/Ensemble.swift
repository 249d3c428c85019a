// SPDX-License-Identifier: Apache-2.0

import ImpresarioPluginKit

/// Servers become an ensemble by what their files say; what is so is asked from them, so an interrupted attempt goes on where it was.
struct Ensemble {
    var observer = Observer()

    func bootstrap(_ call: borrowing Call) throws -> JoinResult {
        let nodes = call.context.nodes.filter { $0.state != "lost" && $0.state != "planned" }
        let configuration = try configuration(call, members: nodes)
        call.progress(0.1, "Starting \(nodes.count) servers")
        // All at once: alone none of them has a quorum.
        try call.put(try nodes.flatMap { try Server.files(call, $0, configuration) })
        try call.declare(Server.service(configuration), on: nodes)
        for node in nodes { try Access().refresh(call, node) }
        call.progress(0.5, "Waiting for \(nodes.count) servers to elect a leader")
        return JoinResult(joined: try awaitServing(call, nodes, within: .seconds(120)))
    }

    /// Members learn of the new ones first: two empty servers must never be a majority that knows nothing.
    func join(_ call: borrowing Call, _ nodes: [Node]) throws -> JoinResult {
        let joining = Set(nodes.map(\.id))
        let staying = call.context.nodes.filter { $0.state != "lost" && $0.state != "planned" }
        let configuration = try configuration(call, members: staying)
        let members = staying.filter { !joining.contains($0.id) }
        try roll(call, members, configuration)
        try call.put(try nodes.flatMap { try Server.files(call, $0, configuration) })
        try call.declare(Server.service(configuration), on: nodes)
        for node in nodes { try Access().refresh(call, node) }
        return JoinResult(joined: try awaitServing(call, nodes, within: .seconds(120)))
    }

    /// What is right now, one server after the other; nothing is restarted that runs so already.
    func refresh(_ call: borrowing Call) throws {
        let staying = call.context.nodes.filter { $0.state != "lost" && $0.state != "planned" }
        try roll(call, staying, try configuration(call, members: staying))
        for node in staying { try Access().refresh(call, node) }
    }

    func leave(_ call: borrowing Call, _ request: LeaveRequest) throws {
        let leaving = Set(request.nodes.map(\.id))
        let staying = call.context.nodes.filter { !leaving.contains($0.id) && $0.state != "lost" }
        guard !staying.isEmpty else {
            throw PluginProblem(
                .precondition, code: "zookeeper.last-server", "The last server cannot leave; delete the cluster instead.", owner: .tenant)
        }
        guard request.isLost || staying.count > 1 else {
            throw PluginProblem(
                .precondition, code: "zookeeper.shrink-to-one",
                "An ensemble cannot shrink to one server: that one may lack what the others agreed on last.", owner: .tenant)
        }
        // A replacement takes the lost one's number; until it joins, the survivors keep counting it.
        if request.isLost { return }
        try abdicate(call, request.nodes, to: staying)
        try roll(call, staying, try configuration(call, members: staying))
        try call.declare(Service("zookeeper", .absent), on: request.nodes)
        try call.declare(Service(Terminator.name, .absent), on: request.nodes)
    }

    /// Those that stay would not follow a leader that is no member in their eyes.
    private func abdicate(_ call: borrowing Call, _ leaving: [Node], to staying: [Node]) throws {
        let seen = try observer.observe(call, leaving)
        let leaders = leaving.filter { seen[$0.id]?.isLeader == true }
        guard !leaders.isEmpty else { return }
        call.progress(0.1, "Waiting for another leader")
        try call.declare(Service("zookeeper", .absent), on: leaders)
        let isDone = try call.poll(upTo: .seconds(60), every: .milliseconds(300)) {
            try observer.observe(call, staying).values.contains(where: \.isLeader)
        }
        guard isDone else {
            throw PluginProblem(.unavailable, code: "zookeeper.no-leader", "The servers that stay have elected no leader.")
        }
    }

    /// One after the other, the leader last, each time waiting until the quorum is whole again.
    private func roll(_ call: borrowing Call, _ members: [Node], _ configuration: Server.Configuration) throws {
        let seen = try observer.observe(call, members)
        let ordered = members.sorted {
            (seen[$0.id]?.isLeader == true ? 1 : 0, $0.ordinal) < (seen[$1.id]?.isLeader == true ? 1 : 0, $1.ordinal)
        }
        for (done, node) in ordered.enumerated() {
            call.progress(0.6 * Double(done) / Double(ordered.count), "Telling \(node.name) who is a member")
            try call.put(try Server.files(call, node, configuration))
            try call.declare(Server.service(configuration), on: node)
            // Where the members are no majority of what comes, they wait for the others to start.
            guard members.count > configuration.members.count / 2 else { continue }
            guard try awaitServing(call, [node], within: .seconds(60)) == [node.id] else {
                // To go on would cost the quorum.
                throw PluginProblem(
                    .unavailable, code: "zookeeper.not-serving", "The server on \(node.name) does not serve with its new configuration.")
            }
        }
    }

    /// Ids of those that serve, after waiting for all of them.
    private func awaitServing(_ call: borrowing Call, _ nodes: [Node], within limit: Duration) throws -> [String] {
        var serving: [String] = []
        let isComplete = try call.poll(upTo: limit, every: .milliseconds(300)) {
            let seen = try observer.observe(call, nodes)
            serving = nodes.map(\.id).filter { seen[$0]?.isServing == true }
            return serving.count == nodes.count
        }
        if !isComplete { call.log(.warning, "\(nodes.count - serving.count) of \(nodes.count) servers do not serve yet") }
        return serving
    }

    private func configuration(_ call: borrowing Call, members: [Node]) throws -> Server.Configuration {
        Server.Configuration(parameters: try call.context.cluster.params.decoded(as: Parameters.self), members: members)
    }
}
